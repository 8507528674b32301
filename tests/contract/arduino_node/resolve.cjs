// Preloaded into Node: arduino-iot-js puts "wss." before the name of its host, and not
// every resolver knows that all names below "localhost" are this machine.
const dns = require("node:dns");

const { lookup } = dns;
dns.lookup = (name, options, callback) => {
  const known = name === "wss.localhost" ? "127.0.0.1" : name;
  return lookup.call(dns, known, options, callback);
};

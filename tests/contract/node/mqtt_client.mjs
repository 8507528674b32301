// Subscribes with mqtt.js as Arduino's own JavaScript client does, and tells on standard
// output, one JSON object a line, what happens.
//
// node mqtt_client.mjs '{"url": …, "username": …, "password": …, "topics": […],
//                        "publish": {"topic": …, "hex": …}, "messages": 2}'
import mqtt from "mqtt";

const options = JSON.parse(process.argv[2]);
const tell = (event, details) => console.log(JSON.stringify({ event, ...details }));
let left = options.messages ?? 0;

const client = mqtt.connect(options.url, {
  clientId: `${options.username}:${Date.now()}`,
  username: options.username,
  password: options.password,
  protocolVersion: 4,
  clean: true,
  keepalive: 30,
  reconnectPeriod: 0,
  rejectUnauthorized: true,
  ca: options.ca,
});

client.on("error", (error) => {
  tell("error", { code: error.code, message: error.message });
  client.end(true);
});
client.on("close", () => tell("close"));
client.on("message", (topic, payload, packet) => {
  tell("message", { topic, hex: payload.toString("hex"), qos: packet.qos });
  left -= 1;
  if (left === 0) client.end();
});
client.on("connect", async () => {
  const granted = [];
  for (const topic of options.topics) {
    try {
      granted.push(...(await client.subscribeAsync(topic, { qos: 1 })));
    } catch (error) {
      // The client makes an error of a refusal.
      granted.push({ topic, qos: error.packet.granted[0] });
    }
  }
  if (options.publish) {
    const payload = Buffer.from(options.publish.hex, "hex");
    await client.publishAsync(options.publish.topic, payload, { qos: 1 });
  }
  tell("subscribed", { granted: granted.map(({ topic, qos }) => ({ topic, qos })) });
});

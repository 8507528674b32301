// Talks to a Particle cloud with the vendor's own client, and tells on standard output, one
// JSON object a line, what came of it.
//
// node client.mjs '{"url": …, "calls": [["listDevices", {"auth": …}]],
//                   "stream": {"auth": …}, "events": 2, "then": [[…]]}'
//
// `calls` are made first; then the stream is opened, `then` is called, and the program
// ends when so many events have arrived.
import Particle from "particle-api-js";

const plan = JSON.parse(process.argv[2]);
const tell = (details) => console.log(JSON.stringify(details));
const particle = new Particle({ baseUrl: plan.url });

async function make(calls) {
  for (const [name, options] of calls) {
    try {
      const { statusCode, body } = await particle[name](options);
      tell({ call: name, status: statusCode, body });
    } catch (error) {
      const { statusCode, errorDescription, body } = error;
      tell({ call: name, failed: statusCode, errorDescription, body });
    }
  }
}

await make(plan.calls ?? []);
if (plan.stream) {
  let stream;
  try {
    stream = await particle.getEventStream(plan.stream);
  } catch (error) {
    tell({ call: "getEventStream", failed: error.statusCode, body: error.body });
    process.exit(0);
  }
  let left = plan.events;
  stream.on("event", (event) => {
    tell({ event });
    left -= 1;
    if (left === 0) process.exit(0);
  });
  tell({ call: "getEventStream", status: 200 });
  await make(plan.then ?? []);
}

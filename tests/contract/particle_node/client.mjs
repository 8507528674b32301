// Talks to a Particle cloud with the vendor's own client, unchanged but for its base URL.
//
// node client.mjs '{"baseUrl": …}'
//
// Each line of standard input is a call, `["listDevices", {"auth": …}]`, and is answered
// by a line: {"call", "status", "body"}, or {"call", "failed", …} for a refusal. A call of
// `getEventStream` is answered likewise; from then on each event is a line {"event": …},
// and what becomes of the stream a line {"stream": …}. It ends with its input.
import { createInterface } from "node:readline";
import Particle from "particle-api-js";

const tell = (details) => console.log(JSON.stringify(details));
const particle = new Particle(JSON.parse(process.argv[2]));
const TURNS = ["disconnect", "reconnect", "reconnect-success", "reconnect-error"];

async function listen(options) {
  const stream = await particle.getEventStream(options);
  stream.on("event", (event) => tell({ event }));
  for (const turn of TURNS) stream.on(turn, () => tell({ stream: turn }));
  return { statusCode: 200, body: null };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [call, options] = JSON.parse(line);
  try {
    const answer = call === "getEventStream" ? listen(options) : particle[call](options);
    const { statusCode, body } = await answer;
    tell({ call, status: statusCode, body });
  } catch (error) {
    const { statusCode, errorDescription, body, message } = error;
    tell({ call, failed: statusCode ?? 0, errorDescription, body, message });
  }
}
process.exit(0);

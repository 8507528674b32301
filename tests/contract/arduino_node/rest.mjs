// Reads and writes with the vendor's REST client, and tells on standard output, one JSON
// object a line, what came of it.
//
// node rest.mjs '{"url": …, "token": …, "calls": [["ThingsV2Api", "thingsV2List", …]]}'
import ArduinoIotClient from "@arduino/arduino-iot-client";

const plan = JSON.parse(process.argv[2]);
const tell = (details) => console.log(JSON.stringify(details));
const client = ArduinoIotClient.ApiClient.instance;
client.basePath = plan.url;
client.authentications.oauth2.accessToken = plan.token;

for (const [api, call, ...parameters] of plan.calls) {
  try {
    const body = await new ArduinoIotClient[api](client)[call](...parameters);
    tell({ call, body: body ?? null });
  } catch (error) {
    tell({ call, failed: error.status, body: error.response?.body });
  }
}

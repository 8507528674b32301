// Listens and writes with the vendor's MQTT client, and tells on standard output, one JSON
// object a line, what happens. It ends after so many values.
//
// node --require ./resolve.cjs push.mjs '{"options": {…}, "listen": [[thing, variable]],
//                                         "send": [[thing, variable, value]], "values": 2}'
import { ArduinoIoTCloud } from "arduino-iot-js";

const plan = JSON.parse(process.argv[2]);
const tell = (details) => console.log(JSON.stringify(details));

let client;
try {
  client = await ArduinoIoTCloud.connect(plan.options);
} catch (error) {
  tell({ failed: error.message });
  process.exit(0);
}
let left = plan.values;
const finish = async () => {
  await client.disconnect();
  process.exit(0);
};
for (const [thing, variable] of plan.listen ?? []) {
  client.onPropertyValue(thing, variable, (value) => {
    tell({ thing, variable, value });
    left -= 1;
    if (left === 0) finish();
  });
}
for (const [thing, variable, value] of plan.send ?? []) {
  await client.sendProperty(thing, variable, value);
}
tell({ connected: true });

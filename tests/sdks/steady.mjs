// node steady.mjs SDK URL KEY USER COUNT INTERVAL_MS
// Tracks orders at a steady pace, says how many on the way, and closes the SDK; then prints one line of JSON with what the SDK gave up.
import { clients } from "./clients.mjs";

const [sdk, url, key, user, count, interval] = process.argv.slice(2);
const lost = [];
const client = clients[sdk](url, key, error => lost.push(String(error?.message ?? error)));
if (sdk === "jitsu-js") {
  await client.call("identify", { userId: user, traits: {} });
}

for (let order = 1; order <= Number(count); order++) {
  client.call("track", { userId: user, event: "Order Completed", properties: { order_id: `${user}-${order}`, revenue: 10 } });
  console.log(`sent ${order}`);
  await new Promise(next => setTimeout(next, Number(interval)));
}

await client.close();
console.log(JSON.stringify({ lost }));
process.exit(0);

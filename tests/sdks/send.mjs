// node send.mjs SDK URL KEY USER [FAULT...]
// Makes every call that the SDK has, for one user who was a visitor before, and some orders; then prints one line of JSON: what was called and what was given up.
import { clients } from "./clients.mjs";
import { startProxy } from "./faults.mjs";

const [sdk, url, key, user, ...faults] = process.argv.slice(2);
const proxy = await startProxy(url, faults);
const lost = [];
const client = clients[sdk](proxy.url, key, error => lost.push(String(error?.message ?? error)));
let calls = 0;
const call = (type, message) => calls += client.call(type, message) === false ? 0 : 1;

call("page", { anonymousId: `visitor-${user}`, userId: undefined, name: "Home", properties: { path: "/" } });
call("identify", { userId: user, anonymousId: `visitor-${user}`, traits: { age: 41, city: "Köln" } });
call("group", { userId: user, groupId: "club", traits: { plan: "gold" } });
call("screen", { userId: user, name: "Start" });
for (let order = 0; order < 20; order++) {
  call("track", { userId: user, event: "Order Completed", properties: { order_id: `${user}-${order}`, revenue: 10, products: [{ product_id: "p", quantity: 1, price: 10 }] } });
}
call("alias", { userId: user, previousId: `older-${user}` });
await client.close();
console.log(JSON.stringify({ calls, lost, requests: proxy.requests() }));
proxy.close();
process.exit(0);

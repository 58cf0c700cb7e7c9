// node browse.mjs URL KEY USER
// Opens a page of another origin in headless Chromium, in which Segment's browser SDK makes every call; prints one line of JSON: requests to the silo and their answers.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const [url, key, user] = process.argv.slice(2);
const sdk = fileURLToPath(new URL("node_modules/@segment/analytics-next/dist/umd/", import.meta.url));
const page = `<!doctype html><title>Shop</title><link rel="icon" href="data:,"><script src="/sdk/index.js"></script><script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: ${JSON.stringify(key)}, cdnURL: ${JSON.stringify(url)} });
  window.calls = (async () => {
    await analytics.page("Home");
    await analytics.identify(${JSON.stringify(user)}, { age: 41 });
    await analytics.group("club", { plan: "gold" });
    await analytics.screen("Start");
    for (let order = 0; order < 5; order++) {
      await analytics.track("Order Completed", { order_id: "o" + order, revenue: 10, products: [{ product_id: "p", quantity: 1, price: 10 }] });
    }
    await analytics.alias(${JSON.stringify(user)}, ${JSON.stringify("older-" + user)});
    return 10;
  })();
</script>`;
const server = createServer(async (request, response) => {
  if (request.url === "/") {
    response.writeHead(200, { "content-type": "text/html" }).end(page);
  } else if (request.url.startsWith("/sdk/")) {
    const file = await readFile(sdk + request.url.slice(5)).catch(() => null);
    response.writeHead(file ? 200 : 404, { "content-type": "text/javascript" }).end(file ?? "");
  } else {
    response.writeHead(404).end();
  }
});
await new Promise(listening => server.listen(0, "127.0.0.1", listening));
const browser = await chromium.launch({
  executablePath: process.env.SEGMENTS_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const tab = await browser.newPage();
const answers = [];
const problems = [];
tab.on("response", answer => answer.url().startsWith(url) && answers.push({ url: answer.url().slice(url.length), method: answer.request().method(), status: answer.status() }));
tab.on("requestfailed", request => request.url().startsWith(url) && problems.push(`${request.method()} ${request.url()}: ${request.failure()?.errorText}`));
tab.on("console", message => message.type() === "error" && problems.push(message.text()));
await tab.goto(`http://localhost:${server.address().port}/`);
const calls = await Promise.race([tab.evaluate("window.calls"), new Promise(late => setTimeout(() => late(0), 60_000))]);
await tab.waitForLoadState("networkidle");
console.log(JSON.stringify({ calls, answers, problems }));
await browser.close();
server.close();

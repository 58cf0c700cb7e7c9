// An HTTP proxy before a silo that does, with one request after the other, what a list says:
// "pass" hands it on; "500" and "429" answer themselves; "lost" hands it on and cuts the connection instead of answering; "cut" cuts it at once.
import http from "node:http";

export function startProxy(target, faults) {
  let next = 0;
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", chunk => chunks.push(chunk)).on("end", () => {
      const fault = faults[next++] ?? "pass";
      if (fault === "500" || fault === "429") {
        response.writeHead(Number(fault), { "content-type": "application/json", "retry-after": "1" });
        response.end(JSON.stringify({ code: "fault", message: "fault", error: { code: "fault", message: "fault" } }));
      } else if (fault === "cut") {
        request.socket.destroy();
      } else {
        const forwarded = http.request(target + request.url, { method: request.method, headers: { ...request.headers, host: new URL(target).host } }, answer => {
          if (fault === "lost") {
            answer.resume().on("end", () => request.socket.destroy());
          } else {
            response.writeHead(answer.statusCode, answer.headers);
            answer.pipe(response);
          }
        });
        forwarded.on("error", () => request.socket.destroy());
        forwarded.end(Buffer.concat(chunks));
      }
    });
  });
  return new Promise(started => server.listen(0, "127.0.0.1", () => started({
    url: `http://127.0.0.1:${server.address().port}`,
    requests: () => next,
    close: () => { server.closeAllConnections(); server.close(); },
  })));
}

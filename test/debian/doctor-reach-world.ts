// The world beyond the cable: servers on every port for mail and the web, on all addresses of the namespace.
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const { ports, name } = JSON.parse(line) as { readonly ports: readonly number[]; readonly name: string };
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      if (port !== 443 && port !== 465) socket.write(`220 ${name} ESMTP\r\n`);
      socket.on("data", () => socket.end("221 bye\r\n"));
    });
    server.listen(port, "::");
    await once(server, "listening");
  }
  console.log(JSON.stringify("listening"));
}

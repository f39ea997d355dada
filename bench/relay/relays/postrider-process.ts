// Postrider as a relay of the bench.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buildHttp } from "../../../src/doors/http/server.ts";
import { createPostrider, type Postrider } from "../../../src/postrider.ts";
import { answer } from "../asking.ts";
import { laneOf, senderOf } from "../letter.ts";
import { host } from "../ports.ts";
import type { Entrance } from "../submitter-process.ts";
import type { PostriderSetting } from "./postrider.ts";
import { smtpFront } from "./smtp-front.ts";

const { door, data, sinkPort, connections }: PostriderSetting = JSON.parse(process.argv[2] ?? "");

const post = await createPostrider({
  data,
  sandbox: false,
  accounts: [
    {
      name: "sink",
      host,
      port: sinkPort,
      security: "none",
      unusualPort: true,
      from: senderOf("normal"),
      limits: { connections },
    },
  ],
});
const { entrance, close } = door === "smtp" ? await overSmtp(post) : await overHttp(post);

process.once("SIGTERM", async () => {
  await close();
  await post.close({ graceMs: 1_000 });
  process.exit();
});

async function overSmtp(to: Postrider) {
  const front = smtpFront(async ({ sender, recipients, content }) => {
    const envelope = { from: sender, recipients };
    const { id } = await to.submit(content, { envelope, lane: laneOf(sender) }, { origin: "bench" });
    return id;
  });
  front.listen(0, host);
  await once(front, "listening");
  const { port } = front.address() as AddressInfo;
  const entrance: Entrance = { kind: "smtp", port };
  return { entrance, close: () => front.close() };
}

async function overHttp(to: Postrider) {
  const app = await buildHttp(to, { adminToken: null });
  const { key } = await to.keys.create("bench", "sending");
  await app.listen({ host, port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const entrance: Entrance = { kind: "http", port, key };
  return {
    entrance,
    async close() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

const calls = { entrance: () => entrance };
export type PostriderCalls = typeof calls;

answer(calls);

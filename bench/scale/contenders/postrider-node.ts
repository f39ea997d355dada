// A node of Postrider: an application's process with the library in it.
import { createPostrider } from "../../../src/postrider.ts";
import { answer } from "../../relay/asking.ts";
import { letter, senderOf, to } from "../../relay/letter.ts";
import { host } from "../../relay/ports.ts";
import { sinkConnections } from "../contender.ts";
import { nodeCalls, settingOfNode } from "../node.ts";

const { database, data, nth, sinkPort } = settingOfNode();

/** All nodes need the same; nothing secret is kept here. */
const secretKey = "0123456789abcdef".repeat(4);

const post = await createPostrider({
  ...(database === null ? {} : { database }),
  data,
  env: { ...process.env, POSTRIDER_SECRET_KEY: secretKey },
  sandbox: false,
  accounts: [
    {
      name: "sink",
      host,
      port: sinkPort,
      security: "none",
      unusualPort: true,
      from: senderOf("normal"),
      limits: { connections: sinkConnections },
    },
  ],
});

process.once("SIGTERM", async () => {
  await post.close({ graceMs: 1_000 });
  process.exit();
});

answer(
  nodeCalls(nth, async (id, lane) => {
    const envelope = { from: senderOf(lane), recipients: [to] };
    await post.submit(letter(id, lane), { envelope, lane }, { origin: "bench" });
  }),
);

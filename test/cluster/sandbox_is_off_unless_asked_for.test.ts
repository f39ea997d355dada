// With a database the sandbox is off: what is meant to leave must not be caught because nobody thought of it.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createPostrider, type Postrider, type PostriderOptions } from "../../src/postrider.ts";
import { freshDirectory } from "../doors/processes.ts";
import { freshStoreOptions } from "../postgres/shared.ts";
import { secretKey } from "./nodes.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("it runs by a port of its own, and what is left of it is nobody's default", async () => {
  const database = await freshStoreOptions();
  const open = async (options: PostriderOptions): Promise<Postrider> => {
    const env = { POSTRIDER_SECRET_KEY: secretKey };
    const post = await createPostrider({ data: freshDirectory(), database, env, ...options });
    onTestFinished(() => post.close());
    return post;
  };
  await expect(open({ sandbox: true })).rejects.toThrow("the same on every node");

  const sandboxPort = await freePort();
  const trying = await open({ sandboxPort });
  expect(trying.accounts.default()?.name).toBe("sandbox");
  const { id } = await trying.send({ to: "you@example.com", subject: "caught", text: "x" });
  await trying.waitFor(id);
  expect(trying.sandbox?.list().map(({ subject }) => subject)).toEqual(["caught"]);
  await trying.close();

  const node = await open({ deliver: false });
  expect(node.sandbox).toBeNull();
  expect(node.accounts.get("sandbox").endpoint.port).toBe(sandboxPort);
  expect(node.accounts.default()).toBeNull();
  expect(await node.unreadiness()).toEqual([expect.stringContaining("no account")]);
  await expect(
    node.send({ from: "a@example.com", to: "you@example.com", subject: "s", text: "x" }),
  ).rejects.toThrow("There is no account yet");
  await node.addAccount({ name: "main", host: "127.0.0.1", port: 2525, security: "none", unusualPort: true });
  expect(node.accounts.default()?.name).toBe("main");
  await node.removeAccount("sandbox");
  expect(node.accounts.find("sandbox")).toBeNull();
});

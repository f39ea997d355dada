import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { bin, freshDirectory, postrider, serve } from "./processes.ts";

test("a connection that asks for nothing does not keep the server from stopping", async () => {
  const { said, child, ended } = await serve(freshDirectory());
  const idle = connect(Number(new URL(said.url).port), "127.0.0.1");
  idle.on("error", () => undefined);
  onTestFinished(() => void idle.destroy());
  await once(idle, "connect");
  // The server has taken it when it has answered somebody who came later.
  await fetch(`${said.url}/healthz`);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
});

/** Makes the launcher believe that it runs on a Node that is too old, so that it starts the bundled one. */
const oldNode = `data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.0.0" } })`;

test("on an older Node, ending the launcher ends the server it started", async () => {
  const data = freshDirectory();
  const command = [process.execPath, "--import", oldNode, bin];
  const { said, child, ended } = await serve(data, { command });
  expect(said.pid).not.toBe(child.pid);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
  // The data directory is free again.
  const { code } = await postrider(["messages", "list", "--data", data]);
  expect(code).toBe(0);
});

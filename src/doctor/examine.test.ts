// All looks in one run: in time whatever hangs, complete whatever breaks, and no more of them than there is reason for.
import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { startPeer } from "../../test/delivery/world.ts";
import { diagnose } from "./diagnose.ts";
import type { ShownFinding } from "./diagnosis.ts";
import { type Bounds, examine, usualBounds } from "./examine.ts";
import { settingOfInput } from "./setting.ts";
import { here, type Surroundings } from "./surroundings.ts";

const towards = (port: number) =>
  settingOfInput({ host: "127.0.0.1", port, security: "none", from: "ann@example.com" }, null);
const short: Bounds = { ...usualBounds, whole: 400, grace: 100, message: 400 };
const withChanged = (changes: Partial<Surroundings>) => (ended: AbortSignal, controls: boolean) => ({
  ...here(ended, controls),
  ...changes,
});

/** Takes connections, says nothing. */
async function silent(): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

describe("a run", () => {
  test("sees what there is on a good way, and takes no look without reason", async () => {
    const { port } = await startPeer();
    const { facts, faults } = await examine(towards(port));
    expect(faults).toEqual([]);
    expect(facts.walk.seen?.result).toMatchObject({ ok: true });
    for (const look of [facts.names, facts.reach]) expect(look.seen).not.toBeNull();
    for (const look of [facts.tls, facts.chain, facts.clock]) expect(look).toMatchObject({ why: "unneeded" });
    expect(facts.reach.seen?.controls).toEqual({ web: [], elsewhere: [], others: [], nowhere: [] });
  });

  test("looks for a reason where the port does not answer, and elsewhere only when allowed", async () => {
    const { facts } = await examine(towards(1), { controls: false });
    expect(facts.walk.seen?.verdict).toMatchObject({ stage: "connect" });
    expect(facts.reach.seen?.controls).toEqual({ web: [], elsewhere: [], others: [], nowhere: [] });
    expect(facts.tls).toMatchObject({ why: "unneeded" });
    const declined = await diagnose(towards(1), { controls: false });
    expect(declined).toMatchObject({ verdict: "failed", cause: "tcp.refused-by-server" });
  });

  test("looks at TLS once a handshake has failed", async () => {
    const { port } = await startPeer();
    const setting = settingOfInput(
      { host: "127.0.0.1", port, security: "tls", from: "ann@example.com" },
      null,
    );
    const { facts, faults } = await examine(setting);
    expect(faults).toEqual([]);
    expect(facts.walk.seen?.verdict).toMatchObject({ stage: "tls" });
    expect(facts.tls.seen?.clear).toMatch(/^220 /);
    for (const look of [facts.chain, facts.clock]) expect(look).toMatchObject({ why: "unneeded" });
  });

  test("is over in time when a look never comes back, and says which", async () => {
    const { port } = await startPeer();
    const surroundings = withChanged({ connecting: () => new Promise(() => undefined) });
    const { facts } = await examine(towards(port), { bounds: short, surroundings });
    expect(facts.names.seen).not.toBeNull();
    expect(facts.walk).toMatchObject({ seen: null, why: "cut" });
    const told = await diagnose(towards(port), {}, { bounds: short, surroundings });
    expect(told).toMatchObject({ verdict: "failed", cause: "unknown.failure" });
  });

  test("is over in time when the server says nothing, and what was seen of it is kept", async () => {
    const setting = towards(await silent());
    const { facts } = await examine(setting, { bounds: short });
    expect(facts.walk.seen?.verdict).toMatchObject({ stage: "greeting" });
    const told = await diagnose(setting, {}, { bounds: short });
    expect(told).toMatchObject({ verdict: "failed", stage: "greeting" });
  });

  test("survives a look that breaks, and says so", async () => {
    const { port } = await startPeer();
    const surroundings = withChanged({ read: () => Promise.reject(new TypeError("a slip of ours")) });
    const { facts, faults } = await examine(towards(port), { surroundings });
    expect(faults.map(({ look }) => look)).toContain("reach");
    expect(facts.walk.seen?.result.ok).toBe(true);
    const told = await diagnose(towards(port), {}, { surroundings });
    expect(told.verdict).not.toBe("failed");
    const broken = told.findings.filter(({ detail }) => detail.includes("a slip of ours"));
    expect(broken.map(({ probe, status }) => [probe, status])).toContainEqual(["ports", "skipped"]);
  });

  test("ends when the person goes away", async () => {
    const setting = towards(await silent());
    const person = new AbortController();
    const reason = new Error("gone");
    const onFinding = () => person.abort(reason);
    await expect(diagnose(setting, { signal: person.signal, onFinding })).rejects.toBe(reason);
    await expect(diagnose(setting, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("tells each finding once, and all of them", async () => {
    const { port } = await startPeer();
    const told: ShownFinding[] = [];
    const { findings } = await diagnose(towards(port), { onFinding: (finding) => told.push(finding) });
    const bare = ({ remedy, ...finding }: ShownFinding) => JSON.stringify(finding);
    expect(told.map(bare).sort()).toEqual(findings.map(bare).sort());
    expect(told.every(({ remedy }) => remedy === undefined)).toBe(true);
  });

  test("sends nothing without a sender", async () => {
    const setting = settingOfInput({ host: "127.0.0.1", port: 1, security: "none" }, null);
    await expect(diagnose(setting, { to: "ben@example.com" })).rejects.toThrow(TypeError);
  });
});

// The doctor looks at a stored account as it stands: it lets nothing go, and a secret that is not to be had is a finding.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { judgeLocal } from "../../src/causes/judge.ts";
import { createPostrider, type Postrider, type PostriderOptions } from "../../src/postrider.ts";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer } from "../delivery/world.ts";
import { freshDirectory } from "./processes.ts";

async function opened(options: PostriderOptions): Promise<Postrider> {
  const post = await createPostrider({ data: freshDirectory(), deliver: false, sandbox: false, ...options });
  onTestFinished(() => post.close());
  return post;
}

/** Answers every request for a token in the same way. */
async function tokenEndpoint(status: number, body: object): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

const towards = (port: number) =>
  ({ host: "127.0.0.1", port, security: "none", from: "ann@example.com" }) as const;
const signIn = (tokenEndpoint: string) => ({ clientId: "c", refreshToken: "r", tokenEndpoint });

test("a parked account that is well is told to be well, and stays parked", async () => {
  const peer = await startPeer();
  const post = await opened({});
  await post.addAccount({ name: "main", ...towards(peer.port) });
  await post.accounts.park(
    "main",
    judgeLocal({ cause: "auth.bad-credentials", message: "no", stage: "auth" }),
  );
  const diagnosis = await post.doctor("main");
  expect(diagnosis).toMatchObject({ verdict: expect.stringMatching(/^(ok|degraded)$/), stage: null });
  expect(diagnosis.findings.filter(({ status }) => status === "fail")).toEqual([]);
  expect(post.accounts.get("main").parked).not.toBeNull();
  expect(peer.received).toEqual([]);
});

test("an account that signs in with OAuth 2.0 is examined with a fresh token", async () => {
  const seen: string[] = [];
  const peer = await startPeer({
    signIn: (_, { proof }) => {
      if (proof.kind === "token") seen.push(proof.token);
      return proof.kind === "token" && proof.token === "fresh" ? null : answer(535, "5.7.8 no");
    },
  });
  const oauth2 = signIn(await tokenEndpoint(200, { access_token: "fresh", token_type: "Bearer" }));
  const post = await opened({});
  await post.addAccount({ name: "main", ...towards(peer.port), username: "ann@example.com", oauth2 });
  const diagnosis = await post.doctor("main");
  expect(diagnosis.findings.filter(({ status }) => status === "fail")).toEqual([]);
  expect(seen).toContain("fresh");
  expect(JSON.stringify(diagnosis)).not.toMatch(/fresh|ZnJlc2/);
});

test("a token that is refused is the cause, and the way to the server is still walked, without MAIL", async () => {
  const peer = await startPeer();
  const oauth2 = signIn(await tokenEndpoint(400, { error: "invalid_grant" }));
  const post = await opened({});
  await post.addAccount({ name: "main", ...towards(peer.port), username: "ann@example.com", oauth2 });
  const diagnosis = await post.doctor("main", { to: "ben@example.com" });
  expect(diagnosis).toMatchObject({
    verdict: "failed",
    cause: "auth.oauth-token-refused",
    scope: "account",
    stage: "auth",
    remedy: { explanation: expect.stringContaining("invalid_grant") },
  });
  const chinese = await post.doctor("main", { language: "zh" });
  expect(JSON.stringify([chinese.findings, chinese.remedy])).not.toMatch(/\{\w+\}/);
  const said = diagnosis.transcript
    .filter(({ from }) => from === "client")
    .map(({ text }) => text.split(" ")[0]);
  expect(said).toEqual(["EHLO", "QUIT"]);
});

test("whoever goes away or asks for a message without a sender is told so", async () => {
  const peer = await startPeer();
  const post = await opened({});
  const { from, ...anonymous } = towards(peer.port);
  await expect(post.doctor(anonymous, { to: "ben@example.com" })).rejects.toThrow(/say who it is from/);
  const gone = new AbortController();
  const reason = new Error("gone");
  const run = post.doctor(towards(peer.port), { signal: gone.signal, onFinding: () => gone.abort(reason) });
  await expect(run).rejects.toBe(reason);
  await expect(post.doctor("nobody")).rejects.toThrow(/nobody/);
});

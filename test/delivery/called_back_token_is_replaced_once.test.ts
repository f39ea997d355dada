import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

async function tokenEndpoint(): Promise<{ readonly url: string; readonly given: () => number }> {
  let given = 0;
  const server = createServer((_, response) => {
    given += 1;
    const body = { access_token: `token-${given}`, token_type: "Bearer", expires_in: 3600 };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, given: () => given };
}

test.each([
  ["a fresh one is taken", "token-2", "sent"],
  ["a fresh one is refused as well", "none", "parked"],
] as const)("a token refused before its time is replaced, once: %s", async (_, good, outcome) => {
  const tokens = await tokenEndpoint();
  const peer = await startPeer({
    signIn: (__, { proof }) =>
      proof.kind === "token" && proof.token === good
        ? null
        : answer(535, "5.7.8 Username and Password not accepted"),
  });
  const world = await startWorld();
  const secret = {
    kind: "oauth2",
    clientId: "c",
    refreshToken: "r",
    tokenEndpoint: tokens.url,
    scopes: [],
  } as const;
  await world.account("main", peer.port, { username: "ann@example.com" }, secret);
  await world.send({}, {}, {});
  await world.until(outcome, 3);
  expect(tokens.given()).toBe(2);
});

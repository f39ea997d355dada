import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const messages = size(2_000, 20_000);
const connections = 5;

test("a password that is changed in the middle of a run fails nothing, parks all, and all is sent after the account is resumed", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  let right = "the old one";
  /** With the password that is no longer right. */
  let refusals = 0;
  const peer = await startPeer(trial, {
    rules: {
      secretOf: () => right,
      signIn: (_, { proof }) => {
        const good =
          (proof.kind === "password" && proof.password === right) ||
          (proof.kind === "compared" && proof.correct);
        if (good) return null;
        refusals += 1;
        return answer(535, "5.7.8 Authentication credentials invalid");
      },
      // Who had signed in with the old one has to go.
      mail: () =>
        right === "the old one"
          ? null
          : { do: "answer", answer: { code: 421, lines: ["4.7.0 Sign in again"], close: true } },
    },
  });
  const app = await startApp(trial, {
    accounts: [
      {
        name: "main",
        host: "127.0.0.1",
        port: peer.port,
        security: "none",
        username: "app@example.com",
        password: "the old one",
        limits: { connections },
      },
    ],
    tell: ["account-parked", "account-resumed", "failed", "bounced", "expired", "unknown"],
  });
  const accepting = app.send({
    name: "mail",
    count: messages,
    lanes: ["bulk", "normal", "urgent"],
    lifetimeMs: 86_400_000,
  });
  await trial.until("mail flows", () => ledger.delivered >= messages / 10);
  right = "the new one";
  await trial.until("the account is parked", () => app.events.some(({ type }) => type === "account-parked"));
  await accepting;
  const before = ledger.delivered;
  expect(before).toBeLessThan(messages);
  expect(await app.parkedFor("main")).toBe("auth.bad-credentials");
  const refusedBefore = refusals;
  // One for each message that was under way.
  expect(refusedBefore).toBeLessThanOrEqual(3 * connections);

  // The provider takes the old one back.
  right = "the old one";
  const released = await app.resume("main");
  await trial.untilComplete();
  await app.idle();
  figure(
    "a wrong password in the middle of a run",
    `${messages} messages, ${before} sent before it: ${refusals} sign-ins refused, ${released} messages parked and let go in one step, 0 failed, ${ledger.missing.length} lost, ${ledger.doubles} doubled`,
  );
  expect(refusals).toBe(refusedBefore);
  expect(ledger.doubles).toBe(0);
  expect(app.events.map(({ type }) => type)).toEqual(["account-parked", "account-resumed"]);
});

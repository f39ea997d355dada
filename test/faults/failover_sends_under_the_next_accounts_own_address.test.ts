import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { Trial } from "./trial.ts";

const route = {
  name: "both",
  accounts: ["first", "second"],
  weights: null,
  onBudget: "next",
  when: null,
} as const;

test("mail that fails over to an account with an address of its own leaves under that, with the original in Reply-To, and its events say so", async () => {
  const trial = new Trial();
  const [broken, good] = [
    await startPeer(trial, {
      rules: { signIn: () => answer(535, "5.7.8 Authentication credentials invalid") },
    }),
    await startPeer(trial, { onTaken: (_, source) => heads.push(headOf(source())) }),
  ];
  const heads: string[] = [];
  const app = await startApp(trial, {
    accounts: [
      {
        name: "first",
        host: "127.0.0.1",
        port: broken.port,
        security: "none",
        username: "app@example.com",
        password: "wrong",
      },
      {
        name: "second",
        host: "127.0.0.1",
        port: good.port,
        security: "none",
        from: "backup@example.org",
        senderPolicy: "own-address",
      },
    ],
    routes: [route],
    tell: ["sent", "failover", "account-parked", "failed", "bounced", "parked"],
  });
  await app.send({
    name: "mail",
    count: 50,
    lanes: ["normal", "urgent"],
    route: "both",
    from: "app@example.com",
  });
  await trial.untilComplete();
  await app.idle();

  expect(good.taken.map(({ from }) => from)).toEqual(Array.from({ length: 50 }, () => "backup@example.org"));
  for (const head of heads) {
    expect(head).toMatch(/^From:.*backup@example\.org/m);
    expect(head).toMatch(/^Reply-To:.*app@example\.com/m);
    expect(head).not.toMatch(/^From:.*app@example\.com/m);
  }
  const of = (wanted: string) => app.events.filter(({ type }) => type === wanted);
  expect(of("sent")).toHaveLength(50);
  for (const event of of("sent"))
    expect(event).toMatchObject({ account: "second", from: "backup@example.org" });
  expect(of("account-parked")).toMatchObject([
    { account: "first", verdict: { cause: "auth.bad-credentials" } },
  ]);
  expect(of("failover").length).toBeGreaterThan(0);
  expect(broken.counts.connections).toBeLessThanOrEqual(5);
  expect(trial.ledger.doubles).toBe(0);
});

test("mail waits for its own account where the next one may not put another address in its place", async () => {
  const trial = new Trial();
  let down = true;
  const [broken, other] = [
    await startPeer(trial, { rules: { greet: () => (down ? answer(421, "4.3.2 Busy") : null) } }),
    await startPeer(trial),
  ];
  const app = await startApp(trial, {
    accounts: [
      { name: "first", host: "127.0.0.1", port: broken.port, security: "none" },
      {
        name: "second",
        host: "127.0.0.1",
        port: other.port,
        security: "none",
        from: "backup@example.org",
        senderPolicy: "refuse",
      },
    ],
    routes: [route],
    tell: ["endpoint-down", "deferred", "failed", "bounced", "expired"],
  });
  await app.send({ name: "mail", count: 20, lanes: ["urgent"], route: "both", from: "app@example.com" });
  await trial.until("the first account cannot be reached", () =>
    app.events.some(({ type }) => type === "endpoint-down"),
  );
  down = false;
  await trial.untilComplete();
  await app.idle();
  expect(other.taken).toEqual([]);
  expect(broken.taken).toHaveLength(20);
  expect(app.events.map(({ type }) => type)).not.toContain("failed");
});

function headOf(source: Buffer): string {
  const text = source.toString("latin1");
  return text.slice(0, text.indexOf("\r\n\r\n") + 2);
}

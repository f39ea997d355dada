// What must hold with every mail server, over STARTTLS and over implicit TLS.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaughtSummary } from "../../src/sandbox/catcher.ts";
import { connect } from "../../src/smtp/client.ts";
import { SmtpFailure } from "../../src/smtp/failure.ts";
import type { Envelope, Mechanism } from "../../src/smtp/options.ts";
import { SmtpPool } from "../../src/smtp/pool.ts";
import type { Step } from "../../src/smtp/steps.ts";
import { attachment, dots, eightBit, empty, longLines, tooLongLines } from "./letters.ts";
import { type Setup, Station, user } from "./station.ts";

export interface Abilities {
  readonly mechanisms: readonly Mechanism[];
  /** Takes and passes on internationalised addresses (RFC 6531). */
  readonly smtputf8: boolean;
}

const patience = 60_000;

const nameOf = (address: string) => address.slice(0, address.lastIndexOf("@"));

export function claims(name: string, setup: Setup, abilities: Abilities): void {
  let station: Station;
  beforeAll(async () => {
    station = await Station.start(name, setup);
  });
  afterAll(() => station?.stop());

  let letters = 0;
  /** An envelope like no other: a relay passes mail on when it likes, so what another test sent may still come. */
  function addressed(): Envelope {
    letters++;
    return { from: user, to: [{ address: `letter${letters}@debian.test` }] };
  }

  /** Sends it and waits until it has come through the server; what came, with its envelope. */
  async function through(security: "starttls" | "tls", content: Buffer, envelope: Envelope = addressed()) {
    // A relay may write the domain in another alphabet.
    const name = nameOf(envelope.to[0]!.address);
    const arriving = station.catcher.next({
      timeoutMs: patience,
      matches: ({ envelope: { to } }) => to.some((address) => nameOf(address) === name),
    });
    arriving.catch(() => undefined);
    const connection = await connect(station.options(security));
    try {
      const result = await connection.send(envelope, content);
      for (const recipient of result.recipients)
        if (!recipient.ok) throw new Error(`${recipient.failure.message}\n${station.log()}`);
    } finally {
      await connection.quit();
    }
    const caught: CaughtSummary = await arriving.catch((error: unknown) => {
      throw new Error(`${error}\n${station.log()}`);
    });
    return { envelope: caught.envelope, source: station.catcher.source(caught.id)! };
  }

  /** A relay puts its own headers before ours; from there on nothing may differ. */
  function expectIntact(source: Buffer, content: Buffer): void {
    const end = source.subarray(-content.length);
    expect(end.length).toBe(content.length);
    const differs = end.findIndex((byte, i) => byte !== content[i]);
    const around = (bytes: Buffer) =>
      bytes.subarray(Math.max(0, differs - 40), differs + 40).toString("latin1");
    expect(differs < 0 ? "intact" : around(end)).toBe(differs < 0 ? "intact" : around(content));
    expect(source.subarray(0, -content.length).toString("latin1")).toMatch(
      /^(?:[\w-]+:.*\r\n(?:[ \t].*\r\n)*)*$/,
    );
  }

  describe.each(["starttls", "tls"] as const)(`${name} over %s`, (security) => {
    it("shows each step on the way to a connection that is signed in", async () => {
      const steps: Step[] = [];
      const options = station.options(security, { onStep: (step) => steps.push(step) });
      const connection = await connect(options);
      await connection.quit();
      expect(connection.tls?.protocol).toMatch(/^TLSv1\.[23]$/);
      expect(connection.tls?.chain[0]?.altNames).toContain("mail.debian.test");
      expect(abilities.mechanisms).toContain(connection.mechanism);
      const names = steps.filter(({ ok }) => ok).map(({ stage }) => stage);
      const inClear = ["connect", "greeting", "ehlo", "starttls", "tls", "ehlo", "auth", "quit"];
      expect(names).toEqual(
        security === "starttls" ? inClear : ["connect", "tls", "greeting", "ehlo", "auth", "quit"],
      );
    });

    it.each(abilities.mechanisms)("signs in by %s", async (mechanism) => {
      const options = station.options(security);
      const connection = await connect({
        ...options,
        credentials: { ...options.credentials!, mechanisms: [mechanism] },
      });
      await connection.quit();
      expect(connection.mechanism).toBe(mechanism);
    });

    it.each(abilities.mechanisms)("is told that the password is wrong, by %s", async (mechanism) => {
      const credentials = { username: user, password: "wrong", mechanisms: [mechanism] };
      const error: unknown = await connect(station.options(security, { credentials })).catch(
        (thrown) => thrown,
      );
      if (!(error instanceof SmtpFailure)) throw error;
      expect(error.facts).toMatchObject({ stage: "auth", kind: "reply", reply: { code: 535 }, mechanism });
    });

    it.each([
      ["dots at the beginning of lines", dots],
      ["eight-bit text", eightBit],
      ["lines of 998 characters", longLines],
      ["lines longer than the standard allows", tooLongLines],
      ["an empty body", empty],
    ])("passes on %s intact", async (_, content) => {
      const envelope = addressed();
      const { source, envelope: came } = await through(security, content, envelope);
      expectIntact(source, content);
      expect(came).toEqual({ from: user, to: envelope.to.map(({ address }) => address) });
    });

    it("passes on an attachment of 20 MB intact", async () => {
      const content = attachment();
      expectIntact((await through(security, content)).source, content);
    });

    it("hears about each recipient on its own", async () => {
      const to = ["one@debian.test", "gone@debian.test", "two@debian.test"].map((address) => ({ address }));
      const arriving = station.catcher.next({
        timeoutMs: patience,
        matches: ({ envelope }) => envelope.to.includes("two@debian.test"),
      });
      const connection = await connect(station.options(security));
      const { recipients } = await connection.send({ from: user, to }, dots);
      await connection.quit();
      expect(recipients.map(({ ok }) => ok)).toEqual([true, false, true]);
      const { failure } = recipients[1] as Extract<(typeof recipients)[number], { ok: false }>;
      expect(failure.facts).toMatchObject({ stage: "rcpt", kind: "reply" });
      expect(failure.facts.reply!.code).toBeGreaterThanOrEqual(500);
      await arriving;
    });

    it("takes many messages through a pool, each once", async () => {
      const count = 60;
      const pool = new SmtpPool({
        connect: station.options(security),
        maxConnections: 3,
        maxMessagesPerConnection: 10,
      });
      const results = await Promise.all(
        Array.from({ length: count }, (_, i) =>
          pool.send({ from: user, to: [{ address: `${security}${i}@debian.test` }] }, dots),
        ),
      );
      await pool.close();
      expect(results.filter(({ recipients }) => recipients[0]?.ok)).toHaveLength(count);
      const arrived = () =>
        station.catcher
          .list(1_000)
          .flatMap((message) => message.envelope.to)
          .filter((address) => address.startsWith(security));
      await expect.poll(() => new Set(arrived()).size, { timeout: patience }).toBe(count);
      expect(arrived()).toHaveLength(count);
    });

    if (abilities.smtputf8) {
      it("takes internationalised addresses", async () => {
        const from = "jörg@пример.test";
        const address = "用户@例子.test";
        const { source, envelope: came } = await through(security, eightBit, { from, to: [{ address }] });
        expectIntact(source, eightBit);
        expect(came.from.startsWith("jörg@")).toBe(true);
        expect(came.to[0]!.startsWith("用户@")).toBe(true);
      });
    } else {
      it("is not given an internationalised address that it could not carry", async () => {
        const connection = await connect(station.options(security));
        const to = [{ address: "用户@debian.test" }, { address: "to@debian.test" }];
        const { recipients } = await connection.send({ from: user, to }, dots);
        await connection.quit();
        const [first, second] = recipients;
        expect(first?.ok === false && first.failure.facts.code).toBe("SMTPUTF8_NOT_OFFERED");
        expect(second?.ok).toBe(true);
      });
    }
  });
}

import { describe, expect, it } from "vitest";
import type { CertificateFacts } from "./failure.ts";
import { TlsSessions } from "./tls-sessions.ts";

const hour = 60 * 60 * 1000;
const scope = (host: string) => ({ host, port: 465, serverName: host, ca: [] });
const ticket = Buffer.from("ticket");
const leaf: CertificateFacts = {
  subject: "CN=a.test",
  issuer: "CN=a.test",
  altNames: [],
  validFrom: "2026-01-01T00:00:00.000Z",
  validTo: "2026-02-01T00:00:00.000Z",
  fingerprint256: "AA",
};

describe("the store of TLS sessions", () => {
  it("forgets what was used longest ago once it is full", () => {
    const sessions = new TlsSessions(2);
    for (const host of ["a.test", "b.test", "c.test"]) sessions.set(scope(host), { ticket, chain: [] });
    expect(sessions.size).toBe(2);
    expect(sessions.get(scope("a.test"))).toBeUndefined();
    expect(sessions.get(scope("c.test"))?.ticket).toBe(ticket);
  });

  it("keeps a session for an hour, and never beyond the end of its certificate", () => {
    let now = Date.parse("2026-01-31T00:00:00Z");
    const sessions = new TlsSessions(2, () => now);
    sessions.set(scope("a.test"), { ticket, chain: [leaf] });
    now += hour - 1;
    expect(sessions.get(scope("a.test"))).toBeDefined();
    now += 1;
    expect(sessions.get(scope("a.test"))).toBeUndefined();
    now = Date.parse(leaf.validTo) - 1;
    sessions.set(scope("a.test"), { ticket, chain: [leaf] });
    expect(sessions.get(scope("a.test"))).toBeDefined();
    now += 1;
    expect(sessions.get(scope("a.test"))).toBeUndefined();
  });

  it("tells host, port, name and trust apart", () => {
    const sessions = new TlsSessions();
    sessions.set(scope("a.test"), { ticket, chain: [] });
    for (const other of [{ host: "b.test" }, { port: 587 }, { serverName: "b.test" }, { ca: ["pem"] }])
      expect(sessions.get({ ...scope("a.test"), ...other })).toBeUndefined();
  });

  it("builds the trust settings of the same certificates once", () => {
    const sessions = new TlsSessions();
    expect(sessions.contextFor([])).toBe(sessions.contextFor([]));
  });

  it.each([
    "",
    "garbage",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  ])("refuses to pass over %j, which is no certificate", (pem) => {
    expect(() => new TlsSessions().contextFor([pem])).toThrow("cannot be read");
  });
});

import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  provider as entry,
  providers,
  secretProblem,
  UnknownProvider,
  usernameProblem,
} from "../../src/providers/catalogue.ts";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { type Authority, makeAuthority } from "../../src/sandbox/certificates.ts";
import { demoCredentials } from "../../src/sandbox/demo.ts";
import {
  certificateNames,
  type Replica,
  type ReplicaOptions,
  startReplica,
} from "../../src/sandbox/replica.ts";
import { Peer } from "./peer.ts";

let authority: Authority;
beforeAll(async () => {
  authority = await makeAuthority();
});

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

async function start(
  options: Partial<ReplicaOptions> & Pick<ReplicaOptions, "provider">,
): Promise<Replica & { catcher: Catcher }> {
  const catcher = new Catcher();
  const replica = await startReplica({ authority, catcher, ...options });
  cleanUp.push(
    () => catcher.close(),
    () => replica.close(),
  );
  return { ...replica, catcher };
}

/** A peer inside TLS, signed in, ready for MAIL. */
async function signedIn(replica: Replica): Promise<Peer> {
  const port = replica.endpoints.find((one) => one.security === "tls")?.port ?? 0;
  const peer = await Peer.greeted(port, { ca: authority.certPem });
  cleanUp.push(() => peer.destroy());
  const { username, secret } = replica.credentials;
  expect(await peer.ask(`AUTH PLAIN ${Buffer.from(`\0${username}\0${secret}`).toString("base64")}`)).toMatch(
    /^235 /,
  );
  return peer;
}

describe("a replica", () => {
  it.each([
    "gmail",
    "qq",
    "yahoo",
    "icloud",
  ])("shows the banner and the capabilities of %s word for word", async (id) => {
    const { endpoints, provider } = await start({ provider: id, security: "starttls" });
    const peer = await Peer.connect(endpoints[0]!.port);
    cleanUp.push(() => peer.destroy());
    expect(await peer.reply()).toBe(`220 ${provider.wire.greeting}`);
    const keywords = (reply: string) =>
      reply
        .split("\r\n")
        .slice(1)
        .map((line) => line.slice(4));
    expect(keywords(await peer.ask("EHLO client.example"))).toEqual(provider.wire.clear);
    await peer.startTls(
      authority.certPem,
      provider.endpoints.find((one) => one.security === "starttls")!.host,
    );
    expect(keywords(await peer.ask("EHLO client.example"))).toEqual(provider.wire.secured);
  });

  it("has a listener for each kind of security that the provider has", async () => {
    const { endpoints, provider } = await start({ provider: "aliyun" });
    expect(endpoints.map((one) => one.security)).toEqual(["tls", "none"]);
    expect(endpoints.map((one) => one.standsFor)).toEqual([provider.endpoints[0], provider.endpoints[3]]);
    await expect(start({ provider: "aliyun", security: "starttls" })).rejects.toThrow(
      /has no endpoint with security "starttls"/,
    );
    await expect(start({ provider: "gmial" })).rejects.toThrow(UnknownProvider);
  });

  it("is certified for every host name of the provider", () => {
    for (const provider of providers) {
      const names = certificateNames(provider);
      for (const { host } of provider.endpoints) expect(names).toContain(host);
      expect(names).toContain("127.0.0.1");
    }
  });

  it("accepts credentials of the provider's own shape", () => {
    for (const provider of providers) {
      const { username, secret, accessToken } = demoCredentials(provider);
      expect(usernameProblem(provider, username), provider.id).toBeNull();
      if (secret !== null) expect(secretProblem(provider, secret), provider.id).toBeNull();
      expect(secret ?? accessToken, provider.id).not.toBeNull();
    }
  });
});

describe("sign-in", () => {
  it("is refused before TLS where the provider refuses it, in its words", async () => {
    const { endpoints } = await start({ provider: "qq", security: "starttls" });
    const peer = await Peer.greeted(endpoints[0]!.port);
    cleanUp.push(() => peer.destroy());
    expect(await peer.ask("AUTH LOGIN")).toBe("530 Must issue a STARTTLS command first.");
  });

  it("is needed before mail, in the provider's words", async () => {
    const { endpoints } = await start({ provider: "sendgrid", security: "tls" });
    const peer = await Peer.greeted(endpoints[0]!.port, { ca: authority.certPem });
    cleanUp.push(() => peer.destroy());
    expect(await peer.ask("MAIL FROM:<demo@example.com>")).toBe("550 Unauthenticated senders not allowed");
  });

  it("needs the provider's literal user name", async () => {
    const { endpoints, credentials } = await start({ provider: "sendgrid", security: "tls" });
    const peer = await Peer.greeted(endpoints[0]!.port, { ca: authority.certPem });
    cleanUp.push(() => peer.destroy());
    const plain = (user: string) => Buffer.from(`\0${user}\0${credentials.secret}`).toString("base64");
    expect(await peer.ask(`AUTH PLAIN ${plain("me@example.com")}`)).toBe(
      "535 Authentication failed: Bad username / password",
    );
    expect(await peer.ask(`AUTH PLAIN ${plain("apikey")}`)).toMatch(/^235 /);
  });

  it("takes the credentials it was given instead of its own", async () => {
    const replica = await start({
      provider: "zoho",
      security: "tls",
      username: "me@zoho.com",
      secret: "mine",
    });
    expect(replica.credentials).toMatchObject({
      username: "me@zoho.com",
      secret: "mine",
      from: "me@zoho.com",
    });
    await signedIn(replica);
  });

  it("prompts in lower case where the provider's software does", async () => {
    const { endpoints } = await start({ provider: "163", security: "tls" });
    const peer = await Peer.greeted(endpoints[0]!.port, { ca: authority.certPem });
    cleanUp.push(() => peer.destroy());
    expect(await peer.ask("AUTH LOGIN")).toBe("334 dXNlcm5hbWU6");
  });
});

describe("limits", () => {
  it("of size are those in the capabilities, refused in the provider's words", async () => {
    const peer = await signedIn(await start({ provider: "gmail", security: "tls" }));
    expect(await peer.ask("MAIL FROM:<demo@gmail.com> SIZE=35882578")).toMatch(
      /^552-5\.2\.3 Your message exceeded/,
    );
    expect(await peer.ask("MAIL FROM:<demo@gmail.com> SIZE=35882577")).toMatch(/^250 /);
  });

  it("of recipients are the provider's", async () => {
    const { limits } = entry("gmail");
    const peer = await signedIn(await start({ provider: "gmail", security: "tls" }));
    await peer.ask("MAIL FROM:<demo@gmail.com>");
    for (let index = 0; index < limits.recipientsPerMessage!; index++)
      peer.send(`RCPT TO:<r${index}@y.example>\r\n`);
    for (const reply of await peer.replies(limits.recipientsPerMessage!)) expect(reply).toMatch(/^250 /);
    expect(await peer.ask("RCPT TO:<more@y.example>")).toMatch(
      /^452 4\.5\.3 Your message has too many recipients/,
    );
  });

  it("of messages per connection end it", async () => {
    const sendgrid = entry("sendgrid");
    const provider = { ...sendgrid, limits: { ...sendgrid.limits, messagesPerConnection: 1 } };
    const peer = await signedIn(await start({ provider, security: "tls" }));
    const message =
      "MAIL FROM:<demo@example.com>\r\nRCPT TO:<a@y.example>\r\nDATA\r\nFrom: demo@example.com\r\n\r\n.\r\n";
    peer.send(message);
    expect((await peer.replies(4))[3]).toMatch(/^250 /);
    expect(await peer.ask("MAIL FROM:<demo@example.com>")).toMatch(/^421 /);
  });

  it("of the day hold when asked for", async () => {
    const replica = await start({ provider: "gmail", security: "tls", perDay: 1 });
    const peer = await signedIn(replica);
    const message = "MAIL FROM:<demo@gmail.com>\r\nRCPT TO:<a@y.example>\r\nDATA\r\n\r\n.\r\n";
    peer.send(message);
    expect((await peer.replies(4))[3]).toMatch(/^250 /);
    peer.send(message);
    expect((await peer.replies(4))[3]).toMatch(/^550-5\.4\.5 Daily user sending limit exceeded/);
    expect(replica.catcher.list()).toHaveLength(1);
  });
});

describe("the sender rule", () => {
  const refused = async (replica: Replica, envelope: string, header: string) => {
    const peer = await signedIn(replica);
    const mail = await peer.ask(`MAIL FROM:<${envelope}>`);
    if (!mail.startsWith("250")) return mail;
    peer.send(`RCPT TO:<a@y.example>\r\nDATA\r\nFrom: ${header}\r\n\r\n.\r\n`);
    return (await peer.replies(3))[2];
  };

  it("looks at MAIL where the provider does", async () => {
    const replica = await start({ provider: "163", security: "tls" });
    expect(await refused(replica, "other@163.com", "other@163.com")).toBe(
      "553 Mail from must equal authorized user",
    );
    expect(await refused(replica, "DEMO@163.com", "demo@163.com")).toMatch(/^250 /);
  });

  it("looks at the From header where the provider waits for the content", async () => {
    const replica = await start({ provider: "zoho", security: "tls" });
    expect(await refused(replica, "demo@zoho.com", "Boss <boss@zoho.com>")).toMatch(
      /^553 Relaying disallowed/,
    );
    expect(await refused(replica, "demo@zoho.com", "Demo <demo@zoho.com>")).toMatch(/^250 /);
  });

  it("lets verified identities through: addresses and whole domains", async () => {
    const replica = await start({
      provider: "sendgrid",
      security: "tls",
      identities: ["one@x.example", "y.example"],
    });
    expect(await refused(replica, "one@x.example", "one@x.example")).toMatch(/^250 /);
    expect(await refused(replica, "any@y.example", "any@y.example")).toMatch(/^250 /);
    expect(await refused(replica, "two@x.example", "two@x.example")).toMatch(
      /^550 The from address does not match/,
    );
  });

  it("replaces a foreign From at Gmail and keeps every other byte", async () => {
    const replica = await start({ provider: "gmail", security: "tls" });
    const peer = await signedIn(replica);
    peer.send(
      'MAIL FROM:<x@y.example>\r\nRCPT TO:<a@y.example>\r\nDATA\r\nSubject: s\r\nFrom: "X"\r\n <x@y.example>\r\nTo: a\r\n\r\nbody\r\n.\r\n',
    );
    expect((await peer.replies(4))[3]).toMatch(/^250 /);
    expect(replica.catcher.source("1")?.toString()).toBe(
      'Subject: s\r\nFrom: "X" <demo@gmail.com>\r\nX-Google-Original-From: "X" <x@y.example>\r\nTo: a\r\n\r\nbody\r\n',
    );
  });
});

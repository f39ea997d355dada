// The port is open, and something else lives there. Each gets a typed failure at once, with what it said,
// so that the person can be told what it is.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { failureOf, serve, settings } from "./server.ts";

it.each([
  ["HTTP", "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", "HTTP/1.1 400 Bad Request"],
  ["IMAP", "* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "* OK"],
  ["POP3", "+OK POP3 ready\r\n", "+OK"],
  ["SSH", "SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "SSH-2.0"],
  ["MySQL", "J\0\0\0\n8.0.35\0", "J\\x00"],
  ["TLS", "\x15\x03\x01\0\x02\x02\x46", "\\x15\\x03\\x01"],
  ["a TLS alert with a digit", "\x16\x03\x01", "\\x16"],
  ["NNTP-like codes outside SMTP's", "100 help follows\r\n", "100"],
  ["zero bytes", "\0\0\0\0", "\\x00"],
  ["an empty line", "\r\n", "\\r\\n"],
  ["a code and no space", "220mail.test\r\n", "220mail"],
  ["letters in the code", "2x0 mail.test\r\n", "2x0"],
])("%s is told from SMTP by its first bytes", async (_, banner, received) => {
  await using server = await serve(async (peer) => {
    peer.say(banner);
    await peer.closed();
  });
  const facts = await failureOf(connect(settings(server.port)));
  expect(facts).toMatchObject({ stage: "greeting", kind: "protocol", code: "NOT_SMTP" });
  expect(facts.received!.startsWith(received)).toBe(true);
});

it("an FTP server, whose greeting looks the same, fails where its answers begin to differ", async () => {
  await using server = await serve(async (peer) => {
    peer.say("220 ProFTPD Server ready.\r\n");
    for (;;) {
      if ((await peer.line()) === "") break;
      peer.say("500 Invalid command: try being more creative\r\n");
    }
  });
  expect(await failureOf(connect(settings(server.port)))).toMatchObject({ stage: "ehlo", kind: "reply" });
});

// OpenSMTPD, unpacked from Debian's package. Its spool and its control socket have places of their own.
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Ports, password, program, type Station, unpacked, user } from "./station.ts";

const spool = "/var/spool/smtpd";

export function opensmtpd(station: Station, ports: Ports, sink: number): void {
  const smtpd = program(join(unpacked, "usr/sbin/smtpd"));
  program("/usr/libexec/opensmtpd/encrypt");
  emptySpool();
  station.afterStop(emptySpool);
  const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password }).toString().trim();
  station.write("credentials", `${user} ${hash}\n`, 0o640);
  station.write("gone", "gone@debian.test\n");
  const { directory } = station;
  const configuration = station.write(
    "smtpd.conf",
    `pki mail.debian.test cert "${directory}/cert.pem"
pki mail.debian.test key "${directory}/key.pem"
table credentials file:${directory}/credentials
table gone file:${directory}/gone
smtp max-message-size 100M
listen on 127.0.0.1 port ${ports.starttls} tls-require pki mail.debian.test auth <credentials> hostname mail.debian.test
listen on 127.0.0.1 port ${ports.tls} smtps pki mail.debian.test auth <credentials> hostname mail.debian.test
action "onward" relay host "smtp://127.0.0.1:${sink}"
match auth from any for rcpt-to <gone> reject
match auth from any for any action "onward"
`,
    0o600,
  );
  station.run(smtpd, ["-d", "-f", configuration]);
}

/** A queue that an earlier run left behind would be delivered to wherever its relay now is. */
function emptySpool(): void {
  for (const name of readdirSync(spool)) rmSync(join(spool, name), { recursive: true, force: true });
}

// Debian's Postfix with its default settings and a queue of its own. The system's own Postfix is not touched.
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { senderOf } from "../letter.ts";
import { freePort, host, listening } from "../ports.ts";
import { ask, find } from "../programs.ts";
import type { Place, Relay } from "../relay.ts";

/** `lanes`: with a second transport for urgent mail, as its documentation recommends for mail that must not wait. */
export function postfix({ lanes }: { readonly lanes: boolean }): Relay {
  return {
    label: lanes ? "Postfix, second transport for urgent mail" : "Postfix",
    missing() {
      if (find("postfix") === null) return "Postfix is not installed (apt-get install postfix)";
      return process.getuid?.() === 0 ? null : "Postfix can only be started as root";
    },
    async start({ group, directory, sinkPort, signal }) {
      const port = await freePort();
      for (const name of ["queue", "data", "conf"]) mkdirSync(join(directory, name));
      chownSync(
        join(directory, "data"),
        Number(ask("id", "-u", "postfix")),
        Number(ask("id", "-g", "postfix")),
      );
      writeFileSync(join(directory, "conf/main.cf"), mainSettings(directory, sinkPort, lanes));
      writeFileSync(join(directory, "conf/master.cf"), services(port));
      group.run(find("postfix")!, ["-c", join(directory, "conf"), "start-fg"], {
        env: environment(directory),
      });
      await listening(port, () => group.ended(), signal);
      return { kind: "smtp", port };
    },
    stop({ directory }: Place) {
      // Its master outlives the program that started it.
      execFileSync(find("postfix")!, ["-c", join(directory, "conf"), "abort"], {
        stdio: "ignore",
        timeout: 10_000,
        env: { ...process.env, ...environment(directory) },
      });
    },
  };
}

const environment = (directory: string) => ({ MAIL_CONFIG: join(directory, "conf") });

function mainSettings(directory: string, sinkPort: number, lanes: boolean): string {
  const urgent = `sender_dependent_default_transport_maps = inline:{ ${senderOf("urgent")}=urgent:[${host}]:${sinkPort} }`;
  return `compatibility_level = 3.6
queue_directory = ${directory}/queue
data_directory = ${directory}/data
daemon_directory = ${ask("postconf", "-h", "-d", "daemon_directory")}
command_directory = /usr/sbin
myhostname = relay.bench.test
inet_interfaces = ${host}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
relayhost = [${host}]:${sinkPort}
default_transport = smtp
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_relay_restrictions = permit_mynetworks, reject
maillog_file_prefixes = ${directory}
maillog_file = ${directory}/mail.log
${lanes ? urgent : ""}
`;
}

/** Debian's master.cf without chroot, and a transport `urgent` that is as `smtp`. */
function services(port: number): string {
  const unix = (name: string, priv: string, most: string, does: string, wakeup = "-") =>
    `${name} unix ${priv} - n ${wakeup} ${most} ${does}`;
  return `${[
    `${host}:${port} inet n - n - - smtpd`,
    unix("cleanup", "n", "0", "cleanup"),
    unix("qmgr", "n", "1", "qmgr", "300"),
    unix("pickup", "n", "1", "pickup", "60"),
    unix("rewrite", "-", "-", "trivial-rewrite"),
    ...["bounce", "defer", "trace"].map((name) => unix(name, "-", "0", "bounce")),
    unix("verify", "-", "1", "verify"),
    unix("flush", "n", "0", "flush", "1000?"),
    unix("proxymap", "-", "-", "proxymap"),
    unix("proxywrite", "-", "1", "proxymap"),
    ...["smtp", "relay", "urgent"].map((name) => unix(name, "-", "-", "smtp")),
    unix("showq", "n", "-", "showq"),
    ...["error", "retry"].map((name) => unix(name, "-", "-", "error")),
    unix("discard", "-", "-", "discard"),
    unix("anvil", "-", "1", "anvil"),
    unix("scache", "-", "1", "scache"),
    unix("tlsmgr", "-", "1", "tlsmgr", "1000?"),
    "postlog unix-dgram n - n - 1 postlogd",
  ].join("\n")}\n`;
}

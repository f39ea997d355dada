// Exim (GnuTLS), unpacked from Debian's package.
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Ports, password, program, type Station, unpacked, user } from "./station.ts";

export function exim(station: Station, ports: Ports, sink: number): void {
  const eximProgram = program(join(unpacked, "usr/sbin/exim4"));
  const { directory } = station;
  const ids = (flag: string) => Number(execFileSync("id", [flag, "Debian-exim"]).toString());
  for (const name of ["spool", "log"]) mkdirSync(station.path(name));
  for (const name of ["spool", "log", "key.pem"]) chownSync(station.path(name), ids("-u"), ids("-g"));
  const right = `\${if and{{eq{$auth_name}{${user}}}{eq{$auth_secret}{${password}}}}}`;
  const condition = (name: string, secret: string) =>
    right.replace("$auth_name", name).replace("$auth_secret", secret);
  const configuration = station.write(
    "exim.conf",
    `primary_hostname = mail.debian.test
exim_path = ${eximProgram}
spool_directory = ${directory}/spool
log_file_path = ${directory}/log/%slog
pid_file_path = ${directory}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${ports.starttls} : ${ports.tls}
tls_on_connect_ports = ${ports.tls}
tls_advertise_hosts = *
tls_certificate = ${directory}/cert.pem
tls_privatekey = ${directory}/key.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
host_lookup =
rfc1413_query_timeout = 0s
message_size_limit = 100M
accept_8bitmime = true
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
begin acl
check_rcpt:
  deny recipients = gone@debian.test
  accept authenticated = *
  deny message = sign in first
begin routers
onward:
  driver = manualroute
  route_list = * 127.0.0.1::${sink}
  self = send
  transport = onward
begin transports
onward:
  driver = smtp
  allow_localhost
  message_linelength_limit = 1000000
  hosts_try_fastopen =
begin retry
* * F,2h,1s
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${condition("$auth2", "$auth3")}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${condition("$auth1", "$auth2")}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{${user}}{${password}}fail}
  server_set_id = $auth1
`,
  );
  station.run(eximProgram, ["-C", configuration, "-bdf", "-q1m"]);
}

// `postrider sandbox`: read the mail it caught, or run one, or a replica of a provider, on its own.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { Catcher, type CaughtMessage, type CaughtSummary } from "../../../sandbox/catcher.ts";
import { type Authority, openAuthority } from "../../../sandbox/certificates.ts";
import { type FaultName, fault, faultNames, isFaultName } from "../../../sandbox/faults.ts";
import { type Replica, startReplica } from "../../../sandbox/replica.ts";
import { startSandbox } from "../../../sandbox/sandbox.ts";
import { localNames, serverTls } from "../../../sandbox/server-tls.ts";
import type { Endpoint } from "../../../smtp/endpoint.ts";
import { type CommonFlags, listenPort, withApi, withCommon } from "../common.ts";
import { UsageError } from "../exit.ts";
import { type Output, output, plain } from "../output.ts";

interface RunFlags extends CommonFlags {
  readonly as?: string;
  readonly fault?: FaultName;
  readonly port: number;
  readonly security?: "tls" | "starttls" | "none";
  readonly username?: string;
  readonly secret?: string;
  readonly quota?: number;
}

/** What a running sandbox tells whoever started it. */
interface Running {
  readonly endpoints: readonly Endpoint[];
  readonly provider: string | null;
  readonly fault: string | null;
  readonly username: string | null;
  readonly secret: string | null;
  readonly accessToken: string | null;
  /** A file with the certificate to trust. */
  readonly ca: string;
}

export function sandboxCommand(): Command {
  const command = new Command("sandbox")
    .summary("a mail catcher, or a provider's replica, on its own; and the mail that was caught")
    .description(
      "Takes mail, keeps it, delivers none. Everything it takes is shown until Ctrl-C; nothing is kept afterwards.",
    )
    .option("--as <provider>", "behave as this provider does: its banner, rules, limits and refusals")
    .option("--fault <name>", "what is to go wrong; `--fault list` shows all", faultName)
    .option("--port <number>", "where to listen; 0 lets the system choose", listenPort, 0)
    .addOption(
      new Option("--security <kind>", "only this kind of listener").choices(["tls", "starttls", "none"]),
    )
    .option("--username <name>", "the username a replica accepts")
    .option("--secret <text>", "the demonstration secret a replica accepts; never a real one")
    .option("--quota <number>", "messages a replica takes before its daily limit", Number);
  // Options after `list`, `show` ... belong to those.
  command.enablePositionalOptions();
  withCommon(command).action((flags: RunFlags) => run(flags));

  command.addCommand(
    withCommon(new Command("list").summary("caught mail, newest first"))
      .option("--limit <number>", "how many", "20")
      .action(async (flags: CommonFlags & { limit: string }) => {
        await withApi(flags, async (api, out) => {
          const { data } = await api.request<{ data: CaughtSummary[] }>(
            "GET",
            `/api/v1/sandbox/messages?limit=${encodeURIComponent(flags.limit)}`,
          );
          out.data(data);
          if (data.length === 0) return out.line("The sandbox has caught nothing yet.");
          const rows = data.map((one) => [
            one.id,
            one.receivedAt.slice(0, 19).replace("T", " "),
            plain(one.envelope.from),
            plain(one.envelope.to.join(", ")),
            plain(one.subject),
          ]);
          out.table([
            ["ID", "RECEIVED (UTC)", "FROM", "TO", "SUBJECT"].map((title) => out.paint("dim", title)),
            ...rows,
          ]);
        });
      }),
  );
  command.addCommand(
    withCommon(new Command("show").summary("one caught message").argument("<id>")).action(
      async (id: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          const message = await api.request<CaughtMessage>(
            "GET",
            `/api/v1/sandbox/messages/${encodeURIComponent(id)}`,
          );
          out.data(message);
          show(out, message);
        });
      },
    ),
  );
  command.addCommand(
    withCommon(new Command("source").summary("one caught message, byte for byte").argument("<id>")).action(
      async (id: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          const source = await api.bytes(`/api/v1/sandbox/messages/${encodeURIComponent(id)}/source`);
          if (out.json) out.data({ id, source: Buffer.from(source).toString("base64"), encoding: "base64" });
          else process.stdout.write(source);
        });
      },
    ),
  );
  command.addCommand(
    withCommon(new Command("clear").summary("delete all caught mail")).action(async (flags: CommonFlags) => {
      await withApi(flags, async (api, out) => {
        const { deleted } = await api.request<{ deleted: number }>("DELETE", "/api/v1/sandbox/messages");
        out.data({ deleted });
        out.line(`${deleted} message${deleted === 1 ? "" : "s"} deleted.`);
      });
    }),
  );
  return command;
}

function faultName(text: string): FaultName {
  if (isFaultName(text)) return text;
  const list = faultNames.map((name) => `  ${name.padEnd(28)}${fault(name).help}`).join("\n");
  throw new InvalidArgumentError(
    `${text === "list" ? "" : `There is no fault "${text}". `}The faults are:\n${list}`,
  );
}

async function run(flags: RunFlags): Promise<void> {
  if (flags.as === undefined && (flags.fault !== undefined || flags.quota !== undefined))
    throw new UsageError("--fault and --quota need --as PROVIDER: a catcher has no rules to break.");
  const out = output(flags.json ?? false);
  const folder = await mkdtemp(join(tmpdir(), "postrider-sandbox-"));
  try {
    await mkdir(folder, { recursive: true });
    const authority = await openAuthority(folder);
    const ca = join(folder, "ca.pem");
    await writeFile(ca, authority.certPem);
    using catcher = new Catcher();
    const { server, running } =
      flags.as === undefined
        ? await runCatcher(flags, authority, catcher, ca)
        : await runReplica(flags, authority, catcher, ca);
    catcher.onMessage((message) => {
      if (out.json) process.stdout.write(`${JSON.stringify({ message })}\n`);
      else
        out.line(
          `${out.paint("green", "caught")} ${message.id}  ${plain(message.envelope.from)} → ${plain(message.envelope.to.join(", "))}  ${plain(message.subject)}`,
        );
    });
    announce(out, running);
    await stopped();
    await server.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Started = Promise<{ readonly server: { close(): Promise<void> }; readonly running: Running }>;

async function runCatcher(flags: RunFlags, authority: Authority, catcher: Catcher, ca: string): Started {
  const server = await startSandbox({
    catcher,
    listeners: [{ security: flags.security ?? "starttls", port: flags.port }],
    tls: await serverTls(authority, localNames, undefined),
  });
  return {
    server,
    running: {
      endpoints: server.endpoints,
      provider: null,
      fault: null,
      username: null,
      secret: null,
      accessToken: null,
      ca,
    },
  };
}

async function runReplica(flags: RunFlags, authority: Authority, catcher: Catcher, ca: string): Started {
  const server: Replica = await startReplica({
    provider: flags.as!,
    authority,
    catcher,
    port: flags.port,
    ...(flags.security === undefined ? {} : { security: flags.security }),
    ...(flags.fault === undefined ? {} : { fault: flags.fault }),
    ...(flags.username === undefined ? {} : { username: flags.username }),
    ...(flags.secret === undefined ? {} : { secret: flags.secret }),
    ...(flags.quota === undefined ? {} : { perDay: flags.quota }),
  });
  const { username, secret, accessToken } = server.credentials;
  const endpoints = server.endpoints.map(({ host, port, security }) => ({ host, port, security }));
  return {
    server,
    running: {
      endpoints,
      provider: server.provider.id,
      fault: flags.fault ?? null,
      username,
      secret,
      accessToken,
      ca,
    },
  };
}

function announce(out: Output, running: Running): void {
  // One line, so that a script can read it while the sandbox runs.
  if (out.json) return void process.stdout.write(`${JSON.stringify(running)}\n`);
  const { provider, fault: wrong, username, secret, accessToken, ca } = running;
  out.line(
    out.paint(
      "bold",
      provider === null ? "Sandbox" : `Replica of ${provider}${wrong === null ? "" : `, fault ${wrong}`}`,
    ),
  );
  for (const { host, port, security } of running.endpoints)
    out.line(`  listening   ${host}:${port} (${security})`);
  if (username !== null) out.line(`  username    ${username}`);
  if (secret !== null) out.line(`  secret      ${secret}`);
  if (accessToken !== null) out.line(`  token       ${accessToken}`);
  out.line(`  trust       --ca ${ca}`);
  const first = running.endpoints[0]!;
  const sign = username === null ? "--no-auth --from app@example.com" : `--username ${username}`;
  const given = secret ?? accessToken;
  out.line();
  out.line(
    `  Try it:  ${given === null ? "" : `POSTRIDER_PASSWORD='${given}' `}npx postrider test ${provider === null ? "" : `--provider ${provider} `}--host ${first.host} --port ${first.port} --security ${first.security} ${sign}${secret === null && accessToken !== null ? " --access-token" : ""} --ca ${ca}`,
  );
  out.line("  Stop:    Ctrl-C");
  out.line();
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function show(out: Output, message: CaughtMessage): void {
  out.line(
    out.paint(
      "dim",
      `envelope: ${plain(message.envelope.from)} → ${plain(message.envelope.to.join(", "))}, ${message.size} bytes, ${message.receivedAt}`,
    ),
  );
  for (const { name, value } of message.headers)
    out.line(`${out.paint("bold", `${plain(name)}:`)} ${plain(value)}`);
  for (const part of [message.text, message.text === null ? message.html : null]) {
    if (part === null) continue;
    out.line();
    for (const line of part.trimEnd().split(/\r?\n/)) out.line(plain(line));
  }
  if (message.attachments.length > 0) out.line();
  for (const { index, filename, contentType, size } of message.attachments)
    out.line(
      out.paint(
        "dim",
        `attachment ${index}: ${plain(filename ?? "without a name")} (${plain(contentType)}, ${size} bytes)`,
      ),
    );
}

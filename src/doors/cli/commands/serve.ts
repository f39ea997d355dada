// `postrider serve`: every door and delivery in one process.
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { constants } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { version } from "../../../version.ts";
import { type CommonFlags, duration, listenPort, withCommon } from "../common.ts";
import { exitCode, UsageError } from "../exit.ts";
import { output } from "../output.ts";
import { announce, readRunning, withdraw } from "../running.ts";

/** How long requests under way may take to end; then they are cut, and so are connections that ask for nothing. */
const requestGraceMs = 3_000;

const environment = `
Environment, with defaults:
  POSTRIDER_DATABASE_URL                    postgres://user:password@host/database:
                                            many nodes share one database, in
                                            place of files in --data
  POSTRIDER_DATABASE_SCHEMA=postrider       where in it the tables are
  POSTRIDER_RETENTION_CONTENT_DAYS=7        of a message that has ended: content,
  POSTRIDER_RETENTION_TRANSCRIPT_DAYS=30    the dialogues of its attempts,
  POSTRIDER_RETENTION_MESSAGE_DAYS=90       and everything else is kept so long
  POSTRIDER_RETENTION_IDEMPOTENCY_HOURS=24  an idempotency key counts so long
  POSTRIDER_LOG=info                        or debug, warn, error

SIGTERM and SIGINT stop it: nothing more is taken, dialogues in flight may end
within --grace, all else stays in the queue. A second signal ends it at once,
with 128 and the signal's number; what was in flight is taken up at the next
start.`;

interface ServeFlags extends CommonFlags {
  readonly http: string;
  readonly sandboxPort?: number;
  readonly grace: number;
}

export function serveCommand(): Command {
  const command = new Command("serve")
    .summary("all doors and delivery in one process")
    .option(
      "--http <host:port>",
      "where the HTTP door listens",
      process.env.POSTRIDER_HTTP ?? "127.0.0.1:2580",
    )
    .option(
      "--sandbox-port <number>",
      "where the sandbox listens; 0 lets the system choose, which is the default without a database; with one it is off unless it has a port, the same on every node",
      listenPort,
    )
    .option("--grace <seconds>", "how long dialogues in flight may take to end when it stops", duration, 10)
    .addHelpText("after", environment);
  return withCommon(command).action(async (flags: ServeFlags) => {
    const { logEvent, serverLog } = await import("../log.ts");
    const { createPostrider } = await import("../../../postrider.ts");
    const { buildHttp } = await import("../../http/server.ts");
    const address = listenAddress(flags.http);
    const out = output(flags.json ?? false);
    const log = serverLog(process.env.POSTRIDER_LOG || "info");
    await refuseSecond(flags.data);
    const post = await createPostrider({
      data: flags.data,
      ...(flags.sandboxPort === undefined ? {} : { sandboxPort: flags.sandboxPort }),
      onEvent: (event) => logEvent(log, event),
    });
    const token = randomBytes(32).toString("base64url");
    const app = await buildHttp(post, { adminToken: token, logger: log });
    try {
      await app.listen(address);
    } catch (error) {
      await post.close();
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE")
        throw new Error(
          `${flags.http} is taken by another program. Stop it, or choose another: postrider serve --http 127.0.0.1:2581`,
          { cause: error },
        );
      throw error;
    }
    const { port } = app.server.address() as AddressInfo;
    const url = `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${port}`;
    await announce(flags.data, { url: loopbackUrl(url), token, pid: process.pid });

    const stop = async (signal: NodeJS.Signals) => {
      // A second signal does not wait: what is in flight is taken up again at the next start.
      if (post.stopping) process.exit(128 + constants.signals[signal]);
      log.info({ signal }, "stopping");
      const delivery = post.stop({ graceMs: flags.grace * 1000 });
      await withdraw(flags.data);
      setTimeout(() => app.server.closeAllConnections(), requestGraceMs).unref();
      await Promise.all([app.close(), delivery]);
      await post.close();
      process.exit(exitCode.good);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => {
        stop(signal).catch((error: unknown) => {
          log.error({ err: error }, "could not stop in order");
          process.exit(exitCode.failed);
        });
      });

    const sandbox = post.sandboxEndpoint;
    out.data({
      url,
      data: resolve(flags.data),
      database: post.database?.shown ?? null,
      sandbox,
      pid: process.pid,
    });
    out.line(`${out.paint("bold", `Postrider ${version}`)}`);
    out.line(`  HTTP     ${out.paint("cyan", url)}  (API: /openapi.json)`);
    if (sandbox !== null)
      out.line(
        `  Sandbox  ${sandbox.host}:${sandbox.port}  (account "sandbox": mail is kept and shown, never delivered)`,
      );
    if (post.database !== null)
      out.line(`  Database ${post.database.shown}  (schema ${post.database.schema})`);
    out.line(`  Data     ${resolve(flags.data)}`);
    out.line();
    out.line(`  First mail:  npx postrider send --to you@example.com --subject Hello --text "It works."`);
    if (sandbox !== null) out.line(`  Read it:     npx postrider sandbox list`);
    out.line(`  Stop:        Ctrl-C`);
    out.line();
  });
}

/** Nodes that share a database have a data directory each: the second would hide the first from the command line. */
async function refuseSecond(directory: string): Promise<void> {
  if (!process.env.POSTRIDER_DATABASE_URL) return;
  const running = await readRunning(directory);
  if (running === null) return;
  throw new Error(
    `A node runs in ${resolve(directory)} already (process ${running.pid}, ${running.url}). Give each node on a machine a directory of its own: --data`,
  );
}

/** @throws UsageError for anything but `host:port`, `[v6]:port` or a port. */
function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65535)
    throw new UsageError(`--http ${text}: give it as 127.0.0.1:2580, [::1]:2580 or 2580.`);
  return { host: (match[1] ?? "127.0.0.1").replace(/^\[|\]$/g, ""), port };
}

/** Commands on this machine reach a server that listens everywhere through loopback. */
function loopbackUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

// `postrider key`: API keys. `create` prints the key alone, so that $(…) can take it.
import { Command, Option } from "commander";
import { type CommonFlags, withApi, withCommon } from "../common.ts";

interface ShownKey {
  readonly id: string;
  readonly name: string;
  readonly permission: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

export function keyCommand(): Command {
  const command = new Command("key").summary("API keys");

  command.addCommand(
    withCommon(new Command("create").summary("make a key; it is shown this once").argument("<name>"))
      .addOption(
        new Option("--permission <what>", "everything, or handing over mail only")
          .choices(["full", "sending"])
          .default("full"),
      )
      .action(async (name: string, flags: CommonFlags & { permission: string }) => {
        await withApi(flags, async (api, out) => {
          const made = await api.request<{ id: string; name: string; key: string }>("POST", "/api/v1/keys", {
            name,
            permission: flags.permission,
          });
          out.data(made);
          out.line(made.key);
        });
      }),
  );

  command.addCommand(
    withCommon(new Command("list").summary("every key, without the keys themselves")).action(
      async (flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          const { data } = await api.request<{ data: ShownKey[] }>("GET", "/api/v1/keys");
          out.data(data);
          if (data.length === 0) return out.line("No keys yet. Make one: postrider key create NAME");
          const rows = data.map((key) => [
            key.id,
            key.name,
            key.permission,
            key.createdAt,
            key.revokedAt === null ? "in force" : `revoked ${key.revokedAt}`,
          ]);
          out.table([
            ["ID", "NAME", "MAY", "MADE", "STATE"].map((title) => out.paint("dim", title)),
            ...rows,
          ]);
        });
      },
    ),
  );

  command.addCommand(
    withCommon(new Command("revoke").summary("end a key at once").argument("<id-or-name>")).action(
      async (which: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          const revoked = await api.request<ShownKey>("DELETE", `/api/v1/keys/${encodeURIComponent(which)}`);
          out.data(revoked);
          out.line(`Revoked ${revoked.name} (${revoked.id}).`);
        });
      },
    ),
  );
  return command;
}

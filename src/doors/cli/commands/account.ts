// `postrider account`: logins that mail leaves through.
import { Command } from "commander";
import { type AccountFlags, accountFields, withAccountFlags } from "../account-flags.ts";
import { placeText, type ShownAccount, showAccount } from "../account-report.ts";
import { type CommonFlags, withApi, withCommon } from "../common.ts";
import { UsageError } from "../exit.ts";
import {
  changeBody,
  describesSetting,
  type SettingFlags,
  settingBody,
  withPlace,
  withSetting,
} from "../setting-flags.ts";
import { testStored } from "./test.ts";

export function accountCommand(): Command {
  const command = new Command("account").summary("logins that mail leaves through");

  command.addCommand(
    withCommon(withAccountFlags(withSetting(new Command("add").summary("add an account").argument("<name>"))))
      .option("--default", "make it what mail leaves through when nothing else is said")
      .action(
        async (name: string, flags: CommonFlags & SettingFlags & AccountFlags & { default?: boolean }) => {
          if (!describesSetting(flags))
            throw new UsageError("Say where it is: --provider ID, or --host NAME.");
          if (flags.accessToken)
            throw new UsageError(
              "An access token lapses within the hour and cannot be stored. `postrider test` takes one.",
            );
          const body = await settingBody(flags);
          await withApi(flags, async (api, out) => {
            const account = await api.request<ShownAccount>("POST", "/api/v1/accounts", {
              name,
              ...body,
              ...accountFields(flags),
              default: flags.default ?? false,
            });
            out.data(account);
            out.line(`Added. Try it with: postrider test ${name}`);
            if (!account.default)
              out.line(
                out.paint(
                  "dim",
                  "Mail still leaves through the default account; --default would have made this the one.",
                ),
              );
          });
        },
      ),
  );

  command.addCommand(
    withCommon(
      withAccountFlags(
        withPlace(
          new Command("change")
            .summary("change an account, or enter its secret again; an account at fault goes on")
            .argument("<name>"),
        ),
      ),
    ).action(async (name: string, flags: CommonFlags & SettingFlags & AccountFlags) => {
      await withApi(flags, async (api, out) => {
        const path = `/api/v1/accounts/${encodeURIComponent(name)}`;
        const body = await changeBody(name, flags, () => api.request<ShownAccount>("GET", path));
        const account = await api.request<ShownAccount>("PATCH", path, body);
        out.data(account);
        out.line(`Changed. Try it with: postrider test ${name}`);
      });
    }),
  );

  command.addCommand(
    withCommon(new Command("list").summary("every account")).action(async (flags: CommonFlags) => {
      await withApi(flags, async (api, out) => {
        const { data } = await api.request<{ data: ShownAccount[] }>("GET", "/api/v1/accounts");
        out.data(data);
        const rows = data.map((account) => [
          `${account.name}${account.default ? out.paint("green", " (default)") : ""}`,
          account.provider ?? "-",
          placeText(account.endpoint),
          account.username ?? "-",
          account.parked === null ? "ready" : out.paint("red", `parked: ${account.parked.verdict.cause}`),
        ]);
        out.table([
          ["NAME", "PROVIDER", "ENDPOINT", "USERNAME", "STATE"].map((title) => out.paint("dim", title)),
          ...rows,
        ]);
      });
    }),
  );

  command.addCommand(
    withCommon(new Command("show").summary("one account, without its secret").argument("<name>")).action(
      async (name: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          const account = await api.request<ShownAccount>(
            "GET",
            `/api/v1/accounts/${encodeURIComponent(name)}`,
          );
          out.data(account);
          showAccount(out, account);
        });
      },
    ),
  );

  command.addCommand(
    withCommon(new Command("default").summary("make an account the default").argument("<name>")).action(
      async (name: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          const account = await api.request<ShownAccount>(
            "PATCH",
            `/api/v1/accounts/${encodeURIComponent(name)}`,
            { default: true },
          );
          out.data(account);
          out.line(`Mail leaves through ${name} when nothing else is said.`);
        });
      },
    ),
  );

  command.addCommand(
    withCommon(new Command("test").summary("try an account step by step").argument("<name>"))
      .option("--to <address>", "send a real test message to this address")
      .option("--transcript", "show the dialogue with the server, secrets masked")
      .action((name: string, flags: CommonFlags & { to?: string; transcript?: boolean }) =>
        testStored(name, flags),
      ),
  );

  command.addCommand(
    withCommon(
      new Command("resume").summary("let a parked account and its mail go again").argument("<name>"),
    ).action(async (name: string, flags: CommonFlags) => {
      await withApi(flags, async (api, out) => {
        const { released } = await api.request<{ released: number }>(
          "POST",
          `/api/v1/accounts/${encodeURIComponent(name)}/resume`,
        );
        out.data({ released });
        out.line(`Resumed; ${released} waiting recipient${released === 1 ? "" : "s"} let go.`);
      });
    }),
  );

  command.addCommand(
    withCommon(new Command("remove").summary("remove an account and its secret").argument("<name>")).action(
      async (name: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          out.data(await api.request("DELETE", `/api/v1/accounts/${encodeURIComponent(name)}`));
          out.line(`Removed ${name} and its secret.`);
        });
      },
    ),
  );
  return command;
}

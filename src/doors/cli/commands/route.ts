// `postrider route`: ordered lists of accounts that a message may leave through.
import { Command } from "commander";
import { type CommonFlags, withApi, withCommon } from "../common.ts";

interface ShownRoute {
  readonly name: string;
  readonly accounts: readonly string[];
}

export function routeCommand(): Command {
  const command = new Command("route").summary("ordered lists of accounts that a message may leave through");
  command.addCommand(
    withCommon(
      new Command("set")
        .summary("make a route, or replace it")
        .argument("<name>")
        .argument("<accounts...>", "best first"),
    ).action(async (name: string, accounts: string[], flags: CommonFlags) => {
      await withApi(flags, async (api, out) => {
        const route = await api.request<ShownRoute>("PUT", `/api/v1/routes/${encodeURIComponent(name)}`, {
          accounts,
        });
        out.data(route);
        out.line(`${route.name}: ${route.accounts.join(", then ")}`);
      });
    }),
  );
  command.addCommand(
    withCommon(new Command("list").summary("every route")).action(async (flags: CommonFlags) => {
      await withApi(flags, async (api, out) => {
        const { data } = await api.request<{ data: ShownRoute[] }>("GET", "/api/v1/routes");
        out.data(data);
        if (data.length === 0) return out.line("No routes. Each account's name is a route of its own.");
        out.table([
          ["NAME", "ACCOUNTS"].map((title) => out.paint("dim", title)),
          ...data.map((route) => [route.name, route.accounts.join(", then ")]),
        ]);
      });
    }),
  );
  command.addCommand(
    withCommon(new Command("remove").summary("remove a route").argument("<name>")).action(
      async (name: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          out.data(await api.request("DELETE", `/api/v1/routes/${encodeURIComponent(name)}`));
          out.line(`Removed ${name}.`);
        });
      },
    ),
  );
  return command;
}

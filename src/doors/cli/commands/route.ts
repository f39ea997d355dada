// `postrider route`: which accounts a message may leave through, in which order, and for which messages.
import { Command, InvalidArgumentError, Option } from "commander";
import { lanes } from "../../../messages/lanes.ts";
import type { Api } from "../api.ts";
import { type CommonFlags, collect, withApi, withCommon } from "../common.ts";
import { UsageError } from "../exit.ts";

interface ShownRoute {
  readonly name: string;
  readonly accounts: readonly string[];
  readonly weights: readonly number[] | null;
  readonly onBudget: "wait" | "next";
  readonly when: {
    readonly senders?: readonly string[];
    readonly origins?: readonly string[];
    readonly lanes?: readonly string[];
  } | null;
}

interface ShownKey {
  readonly id: string;
  readonly name: string;
  readonly revokedAt: string | null;
}

interface RouteFlags {
  readonly weighted?: boolean;
  readonly onBudget: "wait" | "next";
  readonly whenSender?: readonly string[];
  readonly whenKey?: readonly string[];
  readonly whenLane?: readonly string[];
}

interface Way {
  readonly name: string;
  readonly weight: number | null;
}

export function routeCommand(): Command {
  const command = new Command("route").summary(
    "which accounts a message may leave through, and in which order",
  );
  command.addCommand(
    withCommon(
      new Command("set")
        .summary("make a route, or replace it")
        .argument("<name>")
        .argument(
          "<accounts...>",
          "best first; with weights, as in main:3 spare:1, each gets its share",
          ways,
        ),
    )
      .option("--weighted", "share the messages out; an account without a weight counts as 1")
      .addOption(
        new Option(
          "--on-budget <what>",
          "when an account's budget is spent: wait for it, or take the next account",
        )
          .choices(["wait", "next"])
          .default("next"),
      )
      .option(
        "--when-sender <address>",
        "for messages that name no route and are from this address, or @domain; may be repeated",
        collect,
      )
      .option(
        "--when-key <name>",
        "for those that come with this API key, by name or id; may be repeated",
        collect,
      )
      .option(
        "--when-lane <lane>",
        `for those of this lane (${lanes.join(", ")}); may be repeated. Conditions of several kinds have to be met together`,
        lane,
      )
      .action(async (name: string, accounts: readonly Way[], flags: CommonFlags & RouteFlags) => {
        await withApi(flags, async (api, out) => {
          const keys = flags.whenKey === undefined ? [] : await keysInForce(api);
          const route = await api.request<ShownRoute>("PUT", `/api/v1/routes/${encodeURIComponent(name)}`, {
            accounts: accounts.map((way) => way.name),
            weights: weightsOf(accounts, flags),
            onBudget: flags.onBudget,
            when: ruleOf(flags, keys),
          });
          out.data(route);
          out.line(`${route.name}: ${accountsText(route)}`);
          if (route.accounts.length > 1) out.line(budgetText(route));
          out.prose(
            route.when === null
              ? `For messages that name it: postrider send --account ${route.name}`
              : `For messages that name it, and for those that name no route: ${whenText(route, keys)}`,
          );
        });
      }),
  );
  command.addCommand(
    withCommon(new Command("list").summary("every route")).action(async (flags: CommonFlags) => {
      await withApi(flags, async (api, out) => {
        const { data } = await api.request<{ data: ShownRoute[] }>("GET", "/api/v1/routes");
        out.data(data);
        if (data.length === 0) return out.line("No routes. Each account's name is a route of its own.");
        const keys = data.some((route) => route.when?.origins !== undefined) ? await keysInForce(api) : [];
        out.table([
          ["NAME", "ACCOUNTS", "BUDGET SPENT", "TAKES"].map((title) => out.paint("dim", title)),
          ...data.map((route) => [
            route.name,
            accountsText(route),
            route.onBudget === "wait" ? "wait" : "next account",
            route.when === null ? "what names it" : whenText(route, keys),
          ]),
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

function ways(text: string, before: readonly Way[] = []): readonly Way[] {
  const [, name, weight] = /^([^:]+)(?::(\d+))?$/.exec(text) ?? [];
  if (name === undefined)
    throw new InvalidArgumentError(
      "Write an account's name, or NAME:WEIGHT with a whole number, as in main:3.",
    );
  return [...before, { name, weight: weight === undefined ? null : Number(weight) }];
}

function lane(text: string, before: readonly string[] = []): readonly string[] {
  if (!(lanes as readonly string[]).includes(text))
    throw new InvalidArgumentError(`There are ${lanes.join(", ")}.`);
  return [...before, text];
}

function weightsOf(accounts: readonly Way[], { weighted }: RouteFlags): readonly number[] | null {
  if (weighted !== true && accounts.every(({ weight }) => weight === null)) return null;
  return accounts.map(({ weight }) => weight ?? 1);
}

function ruleOf(
  { whenSender, whenKey, whenLane }: RouteFlags,
  keys: readonly ShownKey[],
): ShownRoute["when"] {
  const when = {
    ...(whenSender === undefined ? {} : { senders: whenSender }),
    ...(whenKey === undefined ? {} : { origins: whenKey.map((key) => idOf(key, keys)) }),
    ...(whenLane === undefined ? {} : { lanes: whenLane }),
  };
  return Object.keys(when).length === 0 ? null : when;
}

async function keysInForce(api: Api): Promise<readonly ShownKey[]> {
  const { data } = await api.request<{ data: ShownKey[] }>("GET", "/api/v1/keys");
  return data.filter((key) => key.revokedAt === null);
}

/** A key may be renamed by making another; the rule holds for this very key. */
function idOf(wanted: string, keys: readonly ShownKey[]): string {
  const found = keys.find((key) => key.id === wanted) ?? keys.find((key) => key.name === wanted);
  if (found === undefined)
    throw new UsageError(
      `--when-key: no key in force has the name or id ${JSON.stringify(wanted)}. \`postrider key list\` shows them.`,
    );
  return found.id;
}

function accountsText({ accounts, weights }: ShownRoute): string {
  if (weights === null) return accounts.join(", then ");
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return accounts.map((name, index) => `${name} ${percent(weights[index]! / sum)}`).join(", ");
}

function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return rounded === 0 ? "under 1 %" : `${rounded} %`;
}

function budgetText({ onBudget }: ShownRoute): string {
  return onBudget === "wait"
    ? "When an account's budget is spent, its mail waits for it."
    : "When an account's budget is spent, its mail goes on to the next.";
}

function whenText({ when }: ShownRoute, keys: readonly ShownKey[]): string {
  const nameOf = (origin: string) => keys.find(({ id }) => id === origin)?.name ?? origin;
  return [
    when?.senders === undefined ? "" : `from ${when.senders.join(" or ")}`,
    when?.origins === undefined ? "" : `with key ${when.origins.map(nameOf).join(" or ")}`,
    when?.lanes === undefined ? "" : `in lane ${when.lanes.join(" or ")}`,
  ]
    .filter((part) => part !== "")
    .join(" and ");
}

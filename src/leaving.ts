// What an installation does not take along when it is moved: the sandbox, and what belongs to the directory itself.
import { sandboxAccount } from "./accounts/accounts.ts";
import { storedAccount } from "./accounts/stored.ts";
import { accountCondition } from "./delivery/conditions.ts";
import { documentsOfDirectory, type Source } from "./queue/sqlite/source.ts";
import type { Left, MovedDocument } from "./queue/transfer.ts";

export interface Leaving extends Left {
  /** How many messages wait for the sandbox. */
  readonly waiting: number;
  /** Routes that lead to nothing but the sandbox. */
  readonly sandboxRoutes: readonly string[];
  /** What is said in words there that followed from the circumstances here. */
  readonly added: readonly MovedDocument[];
  /** Nobody said whether messages that name no account are the sandbox's: how many of them wait. */
  readonly undecided: number;
}

const defaultSetting = { kind: "setting", name: "default-account" } as const;
/** Who does what at this moment, and which key the nodes have: both are the database's own. */
const ofTheMoment = [{ kind: "duty" }, { kind: "setting", name: "vault-check" }];

export async function leavingOf(source: Source): Promise<Leaving> {
  const accounts = (await source.documents.list("account")).map(({ body }) => storedAccount(body).account);
  const hasSandbox = accounts.some(({ name }) => name === sandboxAccount);
  const real = accounts.filter(({ name }) => name !== sandboxAccount);
  const said = await source.documents.get(defaultSetting.kind, defaultSetting.name);
  const chosen = accounts.find(({ name }) => name === said)?.name ?? null;
  const first = real.toSorted((one, other) => one.createdAt - other.createdAt)[0]?.name ?? null;
  const byDefault = chosen ?? (hasSandbox ? sandboxAccount : first);

  const sandboxRoutes: string[] = [];
  for (const { name, body } of await source.documents.list("route")) {
    const { accounts: through } = JSON.parse(body) as { readonly accounts: readonly string[] };
    if (through.includes(sandboxAccount) && through.every((each) => !real.some((one) => one.name === each)))
      sandboxRoutes.push(name);
  }
  const routes = [...(byDefault === sandboxAccount ? [null] : []), sandboxAccount, ...sandboxRoutes];
  const { waiting } = await source.survey();
  const sum = (wanted: (route: string | null) => boolean) =>
    waiting.reduce((all, { route, messages }) => all + (wanted(route) ? messages : 0), 0);
  const isDefaultKept = byDefault !== null && byDefault !== sandboxAccount;
  return {
    documents: [
      ...documentsOfDirectory,
      ...ofTheMoment,
      defaultSetting,
      { kind: "account", name: sandboxAccount },
      { kind: "token", name: sandboxAccount },
      { kind: "condition", name: accountCondition(sandboxAccount) },
      ...sandboxRoutes.map((name) => ({ kind: "route", name })),
    ],
    accounts: [sandboxAccount],
    routes,
    waiting: sum((route) => routes.includes(route)),
    sandboxRoutes,
    added: isDefaultKept ? [{ ...defaultSetting, body: byDefault }] : [],
    undecided: chosen === null && hasSandbox && real.length > 0 ? sum((route) => route === null) : 0,
  };
}

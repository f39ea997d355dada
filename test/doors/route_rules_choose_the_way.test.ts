// Which account a message leaves through when it names none: by its sender, its key and its lane; shared out by weight.
import { beforeAll, expect, test } from "vitest";
import { freshDirectory, json, postrider, type Serving, serve, sharedByTheFile } from "./processes.ts";

const shared = sharedByTheFile();
let data: string;
let said: Serving;
let shop: string;

const cli = (args: readonly string[]) => postrider([...args, "--data", data], {}, shared);

beforeAll(async () => {
  data = freshDirectory(shared);
  ({ said } = await serve(data, {}, shared));
  const { host, port } = said.sandbox;
  const place = ["--host", host, "--port", String(port), "--security", "none", "--no-auth"];
  for (const name of ["one", "two"])
    await cli(["account", "add", name, ...place, "--from", `${name}@example.com`]);
  shop = (await cli(["key", "create", "shop"])).out.trim();
}, 90_000);

interface Detail {
  readonly route: string | null;
  readonly recipients: readonly { readonly state: string }[];
  readonly attempts: readonly { readonly account: string }[];
}

/** Sends over HTTP and waits; by which route, and through which account it left. */
async function left(mail: Readonly<Record<string, unknown>> = {}): Promise<readonly [string | null, string]> {
  const headers = { authorization: `Bearer ${shop}`, "content-type": "application/json" };
  const body = { from: "app@other.example", to: "ann@example.com", subject: "x", text: "x", ...mail };
  const sent = await fetch(`${said.url}/emails`, { method: "POST", headers, body: JSON.stringify(body) });
  const { id } = (await sent.json()) as { readonly id: string };
  const answer = await fetch(`${said.url}/api/v1/messages/${id}?wait=30`, { headers });
  const { route, recipients, attempts } = (await answer.json()) as Detail;
  expect(recipients.map(({ state }) => state)).toEqual(["sent"]);
  return [route, attempts.at(-1)!.account];
}

test("the rule that fits best chooses; a message's own choice stands; else it is the default", {
  timeout: 90_000,
}, async () => {
  const set = await cli(["route", "set", "by-domain", "one", "--when-sender", "@Shop.Example"]);
  expect(set).toMatchObject({ code: 0, err: "" });
  expect(set.out).toContain("those that name no route: from @shop.example");
  const keyAndLane = ["--when-key", "shop", "--when-lane", "bulk", "--on-budget", "wait"];
  expect((await cli(["route", "set", "runs", "two", ...keyAndLane])).code).toBe(0);
  expect((await cli(["route", "set", "by-name", "two", "one"])).code).toBe(0);

  const { out } = await cli(["route", "list"]);
  expect(out).toMatch(/^by-domain +one +next account +from @shop\.example$/m);
  expect(out).toMatch(/^by-name +two, then one +next account +what names it$/m);
  expect(out).toMatch(/^runs +two +wait +with key shop and in lane bulk$/m);

  expect(await left()).toEqual([null, "sandbox"]);
  expect(await left({ from: "Shop <app@SHOP.example>" })).toEqual(["by-domain", "one"]);
  expect(await left({ from: "app@shop.example", lane: "bulk" })).toEqual(["runs", "two"]);
  expect(await left({ from: "app@shop.example", route: "by-name" })).toEqual(["by-name", "two"]);
  expect(await left({ from: "app@mail.shop.example" })).toEqual([null, "sandbox"]);
  expect(await left({ from: undefined, lane: "bulk" })).toEqual(["runs", "two"]);
});

test("weights share the messages out among the accounts", { timeout: 90_000 }, async () => {
  const set = await cli(["route", "set", "shared", "one:3", "two", "--json"]);
  expect(json(set)).toMatchObject({
    accounts: ["one", "two"],
    weights: [3, 1],
    onBudget: "next",
    when: null,
  });
  expect((await cli(["route", "list"])).out).toMatch(/^shared +one 75 %, two 25 % /m);
  const ways = await Promise.all(Array.from({ length: 60 }, () => left({ route: "shared" })));
  const ones = ways.filter(([, account]) => account === "one").length;
  // With three in four, six standard deviations around 45.
  expect(ones).toBeGreaterThan(24);
  expect(ones).toBeLessThan(60);
  expect(json(await cli(["route", "set", "shared", "one", "two", "--weighted", "--json"]))).toMatchObject({
    weights: [1, 1],
  });
});

test.each<[readonly string[], RegExp]>([
  [["one:0"], /the weight of account "one" is 0/],
  [["one:x"], /Write an account's name, or NAME:WEIGHT/],
  [["one", "one"], /names account "one" twice/],
  [["none"], /"none"/],
  [["one", "--when-key", "shpo"], /--when-key: no key in force has the name or id "shpo"/],
  [["one", "--when-lane", "fast"], /There are urgent, normal, bulk/],
  [["one", "--when-sender", "shop"], /when\.senders: "shop" is no sender/],
  [["one", "--on-budget", "stop"], /Allowed choices are wait, next/],
])("route set r %j is refused and sets nothing", { timeout: 60_000 }, async (args, expected) => {
  const refused = await cli(["route", "set", "r", ...args]);
  expect(refused).toMatchObject({ code: 2, out: "" });
  expect(refused.err).toMatch(expected);
  expect((await cli(["route", "list"])).out).not.toMatch(/^r /m);
});

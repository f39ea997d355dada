// docs/PROVIDERS.md says what the catalogue says.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { providerTable } from "../scripts/provider-table.ts";
import { providers } from "../src/providers/catalogue.ts";

const table = providerTable();

test("the committed table is the one that the catalogue makes; else run node scripts/provider-table.ts", () => {
  expect(readFileSync(new URL("../docs/PROVIDERS.md", import.meta.url), "utf8")).toBe(table);
});

test("each provider has one row of ten cells", () => {
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1])).toEqual(providers.map(({ id }) => id));
  for (const row of rows) expect(row.split(/(?<!\\)\|/).length, row).toBe(12);
});

// Settings that are well: the doctor must not find anything.
import { provider } from "../../../src/providers/lookup.ts";
import type { Case } from "../case.ts";
import { good } from "./make.ts";

const well = ["gmail", "qq", "163", "zoho", "yahoo", "fastmail", "icloud", "yandex", "mail-ru", "gmx"];

export const healthy: readonly Case[] = [
  ...well.map(
    (id): Case => ({
      cause: null,
      staged: `replica of ${provider(id).name}, everything as it should be`,
      ...good(id),
    }),
  ),
  {
    cause: null,
    staged: "replica of SendGrid, a sender whose SPF, DKIM and DMARC are in order",
    ...good("sendgrid"),
    input: { ...good("sendgrid").input, from: "me@kestrel.example" },
  },
];

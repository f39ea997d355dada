// Every case, in the order of layers.
import type { Case } from "../case.ts";
import { auth } from "./auth.ts";
import { banner, ehlo } from "./banner.ts";
import { certificate } from "./certificate.ts";
import { config } from "./config.ts";
import { data } from "./data.ts";
import { delivery } from "./delivery.ts";
import { dns } from "./dns.ts";
import { envelope } from "./envelope.ts";
import { healthy } from "./healthy.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";

export const cases: readonly Case[] = [
  ...config,
  ...dns,
  ...tcp,
  ...banner,
  ...ehlo,
  ...tls,
  ...certificate,
  ...auth,
  ...envelope,
  ...data,
  ...delivery,
  ...healthy,
];

#!/usr/bin/env bash
# Packs the package, installs it in an empty folder and uses it there: the exports, the command, the types.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack --silent --pack-destination "$folder" >/dev/null
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ./postrider-*.tgz @types/node@24

cat >use.mjs <<'JS'
import { createPostrider } from "postrider";
import { connect } from "postrider/smtp";
import { provider, detect } from "postrider/providers";
import { diagnose, settingOfInput, testSetting } from "postrider/doctor";

for (const [name, value] of Object.entries({ connect, detect, diagnose, settingOfInput, testSetting }))
  if (typeof value !== "function") throw new Error(`${name} is not exported`);
if (provider("gmail").endpoints[0].host !== "smtp.gmail.com") throw new Error("the catalogue is incomplete");

const post = await createPostrider({ data: "./data" });
const { id } = await post.send({ from: "app@example.com", to: "ann@example.com", subject: "Packed", text: "It runs elsewhere." });
const sent = await post.waitFor(id);
if (sent.recipients[0].state !== "sent") throw new Error(`the message is ${sent.recipients[0].state}`);
await post.close();
console.log("library: sent through the packed package");
JS
node use.mjs

cat >types.ts <<'TS'
import { createPostrider, type Mail } from "postrider";
import { type Provider, provider } from "postrider/providers";
import { type SendResult, SmtpPool } from "postrider/smtp";

const mail: Mail = { from: "app@example.com", to: ["ann@example.com"], subject: "s", text: "t", lane: "urgent" };
const post = await createPostrider({ accounts: [{ name: "main", provider: "gmail", username: "a@gmail.com", password: "p" }] });
const id: string = (await post.send(mail)).id;
const gmail: Provider = provider("gmail");
export type Checked = [SendResult, SmtpPool, typeof id, typeof gmail];
TS
tsc --noEmit --strict --module nodenext --target es2024 --types node types.ts
npx postrider providers gmail --json | node -e 'JSON.parse(require("node:fs").readFileSync(0, "utf8"))'
echo "package: installs and runs in an empty folder"

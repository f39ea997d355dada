// The flags that describe a login, the same for `test`, `account add` and `account test`.
import { type Command, Option } from "commander";
import { provider } from "../../providers/catalogue.ts";
import { type AccountFields, type AccountFlags, type Alternate, accountFields } from "./account-flags.ts";
import { readInput } from "./api.ts";
import { collect, portNumber } from "./common.ts";
import { readSecret, type SecretFlags } from "./secret.ts";

/** What describes a login, but for its secret. */
interface Place {
  readonly provider?: string;
  readonly host?: string;
  readonly port?: number;
  readonly security?: "tls" | "starttls" | "none";
  readonly unusualPort?: boolean;
  readonly serverName?: string;
  readonly username?: string;
  readonly from?: string;
  /** Of the flags: files. Of the body: what is in them. */
  readonly ca?: readonly string[];
}

export interface SettingFlags extends Place, SecretFlags {
  readonly accessToken?: boolean;
  readonly auth: boolean;
}

/** The body that the HTTP API takes for a setting. */
export interface SettingBody extends Place {
  readonly password?: string;
  readonly accessToken?: string;
}

export function withSetting(command: Command): Command {
  return withPlace(command)
    .option("--access-token", "the secret is an OAuth2 access token")
    .option("--no-auth", "the server wants no sign-in");
}

/** Those of a setting that a stored account can have changed. */
export function withPlace(command: Command): Command {
  return command
    .option("--provider <id>", "fill in from the catalogue (`postrider providers`)")
    .option("--host <name>", "the SMTP server")
    .option("--port <number>", "its port", portNumber)
    .addOption(
      new Option("--security <kind>", "tls from the first byte, starttls, or none").choices([
        "tls",
        "starttls",
        "none",
      ]),
    )
    .option("--unusual-port", "take a port that is registered for another kind of security")
    .option("--server-name <name>", "the name its certificate must bear, when it is not the host")
    .option("--username <name>", "what to sign in as")
    .option("--password-stdin", "read the secret from standard input")
    .option("--from <address>", "the address mail leaves under")
    .option("--ca <file>", "a PEM certificate to trust beside the usual roots; may be repeated", collect);
}

/** Whether the flags describe a setting at all, or leave it to a stored account. */
export const describesSetting = (flags: SettingFlags) =>
  flags.provider !== undefined || flags.host !== undefined;

/**
 * Reads files and the secret, and leaves out what was not given.
 * @throws UsageError when a secret is needed and there is no way to ask; UnknownProvider.
 */
export async function settingBody(flags: SettingFlags): Promise<SettingBody> {
  const known = flags.provider === undefined ? null : provider(flags.provider);
  const fields = await settingFields(flags);
  if (!flags.auth || (flags.username === undefined && known === null)) return fields;
  const secret = await readSecret(
    flags,
    known === null ? `password of ${flags.username}` : `${known.name}: ${known.secret.text.en}`,
  );
  return { ...fields, ...(flags.accessToken ? { accessToken: secret } : { password: secret }) };
}

/**
 * What is to change of a stored account. A secret belongs to one host, port, security and user, and to the alternates
 * that it was entered for: it is asked for when one of them changes or comes in, and when nothing else is said.
 * @throws UsageError when a secret is needed and there is no way to ask.
 */
export async function changeBody(
  name: string,
  flags: SettingFlags & AccountFlags,
  current: () => Promise<{ readonly username: string | null; readonly endpoints: readonly Alternate[] }>,
): Promise<SettingBody & AccountFields> {
  const setting = await settingFields(flags);
  const fields = { ...setting, ...accountFields(flags) };
  const { from, ca, serverName, ...place } = setting;
  const secretNeeded =
    flags.passwordStdin ||
    Object.keys(place).length > 0 ||
    Object.keys(fields).length === 0 ||
    (await leadElsewhere(fields.alternates ?? [], current));
  return secretNeeded ? { ...fields, password: await readSecret(flags, `new secret of ${name}`) } : fields;
}

/** Whether one of these is a place that the account's secret was not entered for. */
async function leadElsewhere(
  alternates: readonly Alternate[],
  current: Parameters<typeof changeBody>[2],
): Promise<boolean> {
  if (alternates.length === 0) return false;
  const { username, endpoints } = await current();
  const known = ({ host, port, security }: Alternate) =>
    endpoints.some(
      (one) =>
        one.host === host && one.port === port && (security === undefined || one.security === security),
    );
  return username !== null && !alternates.every(known);
}

async function settingFields(flags: SettingFlags): Promise<SettingBody> {
  const { provider, host, port, security, unusualPort, serverName, username, from } = flags;
  const ca =
    flags.ca === undefined
      ? undefined
      : await Promise.all(flags.ca.map(async (file) => (await readInput(file)).toString("utf8")));
  const given = { provider, host, port, security, unusualPort, serverName, username, from, ca };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

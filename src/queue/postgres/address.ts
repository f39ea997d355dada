// Where the database is: what a `postgres://` URL says.
import { StoreError } from "../store.ts";
import { readTls, type Tls } from "./tls.ts";

export interface Address {
  /** A name, an IP address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Absent: PGPASSWORD or a password file, as in libpq, or none. */
  readonly password?: string;
  readonly database: string;
  readonly tls: Tls;
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly applicationName: string;
  /** `host:port/database`, for messages. */
  readonly where: string;
}

const known = [
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "channel_binding",
  "connect_timeout",
  "application_name",
  "host",
];

/** @throws StoreError `denied` when something in it cannot be used; the message never has the password. */
export function readAddress(text: string): Address {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw unusable(
      "it is not a URL of the form postgres://user:password@host:5432/database; special characters in user and password are written as %XX, and only one host can be given",
    );
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw unusable(`it begins with ${url.protocol}// and not with postgres://`);
  }
  const parameters = url.searchParams;
  for (const name of parameters.keys()) {
    if (!known.includes(name)) {
      throw unusable(`it has the parameter ${name}; those that can be used are ${known.join(", ")}`);
    }
  }
  const host = parameters.get("host") ?? decode(url.hostname).replace(/^\[(.+)\]$/, "$1");
  const user = decode(url.username) || (process.env.PGUSER ?? "");
  if (host === "") throw unusable("it names no host");
  if (host.includes(",")) throw unusable("it names several hosts, and only one can be given");
  if (user === "") throw unusable("it names no user");
  const database = decode(url.pathname.slice(1)) || user;
  const port = url.port === "" ? 5432 : Number(url.port);
  return {
    host,
    port,
    user,
    ...(url.password === "" ? {} : { password: decode(url.password) }),
    database,
    tls: readTls(parameters, host, unusable),
    connectTimeout: secondsOf(parameters.get("connect_timeout")) * 1000,
    applicationName: parameters.get("application_name") ?? "postrider",
    where: `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`,
  };
}

function secondsOf(text: string | null): number {
  if (text === null) return 5;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 300) return seconds;
  throw unusable(`its connect_timeout is ${JSON.stringify(text)} and not a number of seconds from 1 to 300`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw unusable("it has a % that is not followed by two hexadecimal digits; a % itself is written as %25");
  }
}

function unusable(why: string): StoreError {
  return new StoreError("denied", `The database URL cannot be used: ${why}.`);
}

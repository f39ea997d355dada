// The port by its looks: no port at all, one for reading mail, or one that wants another kind of encryption.
import type { Security } from "../../smtp/endpoint.ts";
import type { Setting } from "../test.ts";
import type { Flaw } from "./flaw.ts";
import { named, same, securityNames, wrongSecurities } from "./told.ts";

/** TLS from the first byte: RFC 8314 §7.3, NetEase's 994, Amazon's 2465. */
const tlsPorts: ReadonlySet<number> = new Set([465, 994, 2465]);
/** Greet in clear: RFC 5321, RFC 6409, and the customary detours. */
const clearPorts: ReadonlySet<number> = new Set([25, 80, 587, 2525, 2587, 8025]);
/** POP3 and IMAP, in clear and in TLS (RFC 1939, RFC 9051, RFC 8314 §7). */
const readingPorts: ReadonlyMap<number, string> = new Map([
  [110, "POP3"],
  [143, "IMAP"],
  [993, "IMAP"],
  [995, "POP3"],
]);

export function readPort(setting: Setting): readonly Flaw[] {
  const flaw = noPort(setting) ?? forReading(setting) ?? wrongSecurity(setting) ?? notOffered(setting);
  return flaw === null ? [] : [flaw];
}

function noPort({ endpoint: { port } }: Setting): Flaw | null {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return null;
  return {
    cause: "config.port-not-a-number",
    detail: { en: `The port is ${port}, which is none`, zh: `端口是 ${port}，不是有效的端口` },
    evidence: [
      {
        en: "A port is a whole number from 1 to 65535; an unset variable often becomes 0 or NaN.",
        zh: "端口是 1 到 65535 之间的整数；未设置的变量常会变成 0 或 NaN。",
      },
    ],
    explains: ["config.bad-option", "tcp.failed", "tcp.refused-by-server"],
    values: { found: String(port), wanted: "465, 587" },
    disprovedBy: "connect",
    hopeless: true,
  };
}

function forReading({ endpoint: { port }, provider }: Setting): Flaw | null {
  const protocol = readingPorts.get(port);
  if (protocol === undefined || provider?.endpoints.some((known) => known.port === port)) return null;
  return {
    cause: "config.imap-or-pop-host",
    detail: {
      en: `Port ${port} is for reading mail over ${protocol}; mail is sent on 465 or 587`,
      zh: `端口 ${port} 用于通过 ${protocol} 收信；发信使用 465 或 587`,
    },
    evidence: [
      { en: `${port} is ${protocol}'s registered port.`, zh: `${port} 是 ${protocol} 的注册端口。` },
    ],
    explains: [
      ...wrongSecurities,
      "tcp.timeout",
      // Nobody's host for sending answers on such a port, which looks like a block of it.
      "tcp.timeout-cloud-egress-block",
      "tcp.timeout-security-group",
      "tcp.timeout-provider-drops-your-ip",
      "tcp.refused-by-server",
      "cert.hostname-mismatch",
    ],
    values: { found: String(port), wanted: "465, 587" },
    disprovedBy: "greeting",
  };
}

function wrongSecurity({ endpoint: { port, security }, provider }: Setting): Flaw | null {
  const documented = provider?.endpoints.some((known) => known.port === port && known.security === security);
  if (documented === true) return null;
  const wantsTls = tlsPorts.has(port) && security !== "tls";
  const wantsClear = clearPorts.has(port) && security === "tls";
  if (!wantsTls && !wantsClear) return null;
  const wanted = securityNames[wantsTls ? "tls" : ("starttls" satisfies Security)];
  const found = securityNames[security];
  return {
    cause: wantsTls ? "config.plain-on-implicit-tls-port" : "config.tls-on-starttls-port",
    detail: wantsTls
      ? {
          en: `Port ${port} is for SSL/TLS from the first byte, and the setting is ${found.en}`,
          zh: `端口 ${port} 要求一开始就使用 SSL/TLS，而当前设置是${found.zh}`,
        }
      : {
          en: `Port ${port} greets in clear and wants STARTTLS, and the setting is ${found.en} from the first byte`,
          zh: `端口 ${port} 先用明文问候，需要 STARTTLS，而当前设置是一开始就使用 ${found.zh}`,
        },
    evidence: [
      {
        en: `By custom and registration port ${port} goes with ${wanted.en}${provider === null ? "" : `, and ${named(provider).en} documents nothing else`}.`,
        zh: `按照惯例和注册，端口 ${port} 对应 ${wanted.zh}${provider === null ? "" : `，${named(provider).zh}的文档也是如此`}。`,
      },
    ],
    explains: wrongSecurities,
    values: { found, wanted },
    disprovedBy: "greeting",
  };
}

function notOffered({ endpoint: { host, port }, provider }: Setting): Flaw | null {
  const ofHost = provider?.endpoints.filter((known) => known.host === host) ?? [];
  if (provider === null || ofHost.length === 0 || ofHost.some((known) => known.port === port)) return null;
  const ports = ofHost.map((known) => known.port).join(", ");
  return {
    detail: {
      en: `${named(provider).en} does not name port ${port} for ${host}; it names ${ports}`,
      zh: `${named(provider).zh}的文档中，${host} 没有端口 ${port}，只有 ${ports}`,
    },
    evidence: [],
    explains: [],
    values: { found: same(String(port)), wanted: same(ports) },
    disprovedBy: "greeting",
  };
}

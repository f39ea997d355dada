// Where in the dialogue something happened.

/** In the order in which a submission passes them; `tls` comes before `greeting` on an implicit-TLS port. */
export const stages = [
  /** The setting itself, before any network. */
  "settings",
  /** Name resolution. */
  "resolve",
  /** The TCP connection. */
  "connect",
  /** CONNECT or SOCKS5 dialogue with a proxy. */
  "proxy",
  "greeting",
  "ehlo",
  "starttls",
  "tls",
  "auth",
  "mail",
  "rcpt",
  /** The DATA command and its 354. */
  "data",
  /** The content, up to the reply after the final dot or the last BDAT. */
  "content",
  "reset",
  "noop",
  "quit",
] as const;

export type Stage = (typeof stages)[number];

// MAIL and RCPT as values (RFC 5321 §4.1.1.2, .3), with the parameters of the extensions they may carry.

export interface CaughtEnvelope {
  /** Empty for the null reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
}

export interface PathCommand {
  /** Without angle brackets and source route. */
  readonly address: string;
  /** Keywords in upper case; a parameter without a value has "". */
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 5321 §4.5.3.1.3 allows 256 octets for a path; some room above it for UTF-8. */
const longestPath = 320;

/**
 * Reads what follows `MAIL ` or `RCPT `. `prefix` is `FROM:` or `TO:`. A space after the colon is let pass, as
 * most servers do; missing angle brackets are not. Null when it is no path.
 */
export function parsePath(argument: string, prefix: "FROM:" | "TO:"): PathCommand | null {
  if (argument.slice(0, prefix.length).toUpperCase() !== prefix) return null;
  const rest = argument.slice(prefix.length).trimStart();
  if (!rest.startsWith("<")) return null;
  const end = closingBracket(rest);
  if (end === -1 || end > longestPath + 1) return null;
  const after = rest.slice(end + 1);
  if (after !== "" && !after.startsWith(" ")) return null;
  const address = withoutRoute(rest.slice(1, end));
  if (!isPlausible(address, prefix)) return null;
  const parameters = new Map<string, string>();
  for (const part of after.split(" ")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const keyword = (equals === -1 ? part : part.slice(0, equals)).toUpperCase();
    if (!/^[A-Z0-9][A-Z0-9-]*$/.test(keyword) || parameters.has(keyword)) return null;
    parameters.set(keyword, equals === -1 ? "" : part.slice(equals + 1));
  }
  return { address, parameters };
}

/** Whether the address needs SMTPUTF8 (RFC 6531). */
export function isInternational(address: string): boolean {
  for (let index = 0; index < address.length; index++) if (address.charCodeAt(index) > 0x7e) return true;
  return false;
}

/** Where the path ends; a bracket inside a quoted local part does not count. */
function closingBracket(text: string): number {
  let quoted = false;
  for (let index = 1; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === "\\") index++;
    else if (character === '"') quoted = !quoted;
    else if (character === ">" && !quoted) return index;
  }
  return -1;
}

/** RFC 5321 §4.1.1.3: a source route is accepted and ignored. */
function withoutRoute(path: string): string {
  if (!path.startsWith("@")) return path;
  const colon = path.indexOf(":");
  return colon === -1 ? path : path.slice(colon + 1);
}

function isPlausible(address: string, prefix: "FROM:" | "TO:"): boolean {
  if (address === "") return prefix === "FROM:";
  for (let index = 0; index < address.length; index++) {
    const code = address.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return false;
  }
  if (address.toLowerCase() === "postmaster") return prefix === "TO:";
  const at = address.lastIndexOf("@");
  if (at < 1 || at === address.length - 1) return false;
  const local = address.slice(0, at);
  const quoted = local.length > 1 && local.startsWith('"') && local.endsWith('"');
  return (quoted || !/[\s<>()[\],;:\\"@]/.test(local)) && !/[\s<>(),;\\"@]/.test(address.slice(at + 1));
}

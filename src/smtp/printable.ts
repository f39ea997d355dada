// Bytes from a stranger, made fit to be shown.

/** Printable ASCII as it is, everything else as an escape (`\r`, `\n`, `\xff`), cut to `limit` characters. */
export function printable(bytes: Uint8Array | string, limit = 200): string {
  const text = typeof bytes === "string" ? bytes : Buffer.from(bytes.subarray(0, limit)).toString("latin1");
  let shown = "";
  for (const char of text.slice(0, limit)) {
    const code = char.charCodeAt(0);
    if (code === 0x0d) shown += "\\r";
    else if (code === 0x0a) shown += "\\n";
    else if (code >= 0x20 && code < 0x7f) shown += char;
    else shown += `\\x${code.toString(16).padStart(2, "0")}`;
    if (shown.length >= limit) return shown.slice(0, limit);
  }
  return shown;
}

/** Text as it is, on one line: control characters become spaces. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}

// What a server offers, read back from the very lines that it shows, so that it can't accept what it doesn't list.

export class Offer {
  readonly lines: readonly string[];
  readonly #parameters = new Map<string, string>();
  /** Bytes by SIZE (RFC 1870); infinite when the server names none. */
  readonly sizeLimit: number;
  /** RFC 2034. */
  readonly showsStatus: boolean;

  constructor(lines: readonly string[]) {
    this.lines = lines;
    for (const line of lines) {
      // "AUTH=LOGIN" is an old spelling that some servers list beside the standard one.
      // Yahoo writes "8 BITMIME" and takes BODY=8BITMIME.
      const match = /^([^ =]+)[ =]?(.*)$/.exec(line === "8 BITMIME" ? "8BITMIME" : line);
      if (match === null) continue;
      const keyword = (match[1] ?? "").toUpperCase();
      const before = this.#parameters.get(keyword);
      this.#parameters.set(keyword, before === undefined ? match[2]! : `${before} ${match[2]}`);
    }
    const size = Number(this.#parameters.get("SIZE") ?? "0");
    this.sizeLimit = Number.isSafeInteger(size) && size > 0 ? size : Number.POSITIVE_INFINITY;
    this.showsStatus = this.has("ENHANCEDSTATUSCODES");
  }

  has(keyword: string): boolean {
    return this.#parameters.has(keyword);
  }

  hasMechanism(mechanism: string): boolean {
    return (this.#parameters.get("AUTH") ?? "").toUpperCase().split(" ").includes(mechanism);
  }
}

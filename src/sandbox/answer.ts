// What a server of the sandbox does when it is its turn: a reply as a rule, misbehaviour on demand.

export interface Answer {
  /** 200 to 599; others only where a provider is known to send them. */
  readonly code: number;
  /** At least one; without code and line end. */
  readonly lines: readonly string[];
  /** Close the connection after it. */
  readonly close?: boolean;
}

export type Effect =
  | { readonly do: "answer"; readonly answer: Answer }
  /** Nothing for `ms`, then the answer. */
  | { readonly do: "late"; readonly ms: number; readonly answer: Answer }
  /** Close the connection without a word. */
  | { readonly do: "drop" }
  /** Keep the connection, read nothing and write nothing any more. */
  | { readonly do: "silence" }
  /** These bytes instead of a reply. */
  | { readonly do: "bytes"; readonly bytes: Buffer }
  /** This line again and again as one reply that never ends, for as long as the peer reads it. */
  | { readonly do: "endless"; readonly code: number; readonly line: string }
  /** From here on a byte every `ms`; what would have happened happens. */
  | { readonly do: "drip"; readonly ms: number };

export function answer(code: number, ...lines: string[]): Effect {
  return { do: "answer", answer: { code, lines } };
}

/** As it goes over the wire (RFC 5321 §4.2); control characters, which could forge a second reply, become spaces. */
export function formatAnswer(reply: Answer): string {
  const last = reply.lines.length - 1;
  let text = "";
  for (let index = 0; index <= last; index++) {
    text += `${reply.code}${index === last ? " " : "-"}${printable(reply.lines[index] ?? "")}\r\n`;
  }
  return text;
}

/** Cut to what a reply line may hold, control characters replaced. */
export function printable(text: string): string {
  let clean = "";
  for (const character of text.length > 900 ? text.slice(0, 900) : text) {
    const point = character.codePointAt(0) ?? 0;
    clean += point < 0x20 || point === 0x7f ? " " : character;
  }
  return clean;
}

// The dialogue with the server, line by line. Secrets are masked where they are written, not afterwards.

export interface TranscriptLine {
  /** Milliseconds since the dialogue began. */
  readonly ms: number;
  /** `note` is ours: connected to which address, which TLS, how many bytes of content. */
  readonly from: "client" | "server" | "note";
  readonly text: string;
}

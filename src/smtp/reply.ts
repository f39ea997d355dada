// A server's reply as a value (RFC 5321 §4.2), parsed once; nothing later matches over raw lines.

/** RFC 3463 status: class.subject.detail. */
export interface EnhancedStatus {
  readonly class: 2 | 4 | 5;
  /** 0 to 999. */
  readonly subject: number;
  /** 0 to 999. */
  readonly detail: number;
}

export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** The status of the first line that has one and agrees in class with the code (RFC 2034 §4); null when none was sent. */
  readonly enhanced: EnhancedStatus | null;
  /** The text of each line, without code, separator and line end, but with the enhanced status as it was sent. */
  readonly lines: readonly string[];
}

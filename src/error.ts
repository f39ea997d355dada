// How the house refuses what is no fault of a message or an account. The text names the thing and the way out.

/** A thing that is not there, or a request that clashes with what is. */
export class PostriderError extends Error {
  readonly problem:
    | "unknown-message"
    | "content-gone"
    | "idempotency-conflict"
    | "built-in"
    | "no-sender"
    | "too-large"
    | "not-suppressed"
    | "nothing-to-do"
    | "bad-setting"
    | "stopping";

  constructor(problem: PostriderError["problem"], message: string) {
    super(message);
    this.name = "PostriderError";
    this.problem = problem;
  }
}

/** The move cannot be made, or not like this. The text names the thing and the way out. */
export class MoveRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MoveRefused";
  }
}

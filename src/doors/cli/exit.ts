// How a command ends: the exit codes, and the errors that lead to them.

/** 0 good; 1 the answer is no; 2 the command was wrong; 3 it could not be carried out. */
export const exitCode = { good: 0, no: 1, usage: 2, failed: 3 } as const;

/** The command line was wrong: what, and what would be right. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** The work was done and the answer is no; the output has said so already. */
export class AnswerIsNo extends Error {
  constructor() {
    super("the answer is no");
    this.name = "AnswerIsNo";
  }
}

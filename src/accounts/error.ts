// Every way in which accounts and routes refuse. The message names the thing and the way out.
export type AccountProblem =
  | "bad-name"
  | "name-taken"
  /** Others change it at this moment, again and again. */
  | "changed-meanwhile"
  | "unknown-account"
  | "unknown-route"
  | "no-account"
  | "bad-host"
  | "bad-port"
  /** The port belongs to another kind of security. */
  | "port-security"
  | "bad-username"
  | "bad-secret"
  | "bad-address"
  | "bad-certificate"
  | "bad-proxy"
  | "bad-sender-policy"
  | "bad-route"
  /** A limit that is none, or out of its range. */
  | "bad-limit"
  /** Another way to the service that cannot be one. */
  | "bad-alternate"
  /** Host, port, security, alternates or username changed, and the secret was not given again. */
  | "secret-must-be-entered";

export class AccountError extends Error {
  readonly problem: AccountProblem;

  constructor(problem: AccountProblem, message: string) {
    super(message);
    this.name = "AccountError";
    this.problem = problem;
  }
}

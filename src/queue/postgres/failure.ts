// Turns what PostgreSQL, its sockets and TLS report into the contract's errors.
import { StoreError, type StoreProblem } from "../store.ts";

/** The code of an error: an SQLSTATE of five characters, or the name of a system or TLS error; null for any other value. */
export function codeOf(error: unknown): string | null {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** Whether it may work when it is tried again in a while; a commit that broke off may have been made. */
export function isPassing(error: unknown): boolean {
  return error instanceof StoreError && (error.problem === "unreachable" || error.problem === "read-only");
}

/** Whether the whole transaction may be tried again at once: nothing of it was kept. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  // serialization_failure, deadlock_detected
  if (code === "40001" || code === "40P01") return true;
  return isStalePlan(error);
}

/** A statement was prepared before another node changed a table: the connection is to be renewed. */
export function isStalePlan(error: unknown): boolean {
  return codeOf(error) === "0A000" && messageOf(error).includes("cached plan");
}

/** A pooler gave the transaction a connection on which a statement was not prepared, or was prepared by another. */
export function isForeignPlan(error: unknown): boolean {
  const code = codeOf(error);
  return code === "26000" || code === "42P05";
}

/** Whether it lies in what was to be stored: a key that is taken, or a value that PostgreSQL does not take. */
export function concernsOne(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error instanceof StoreError ? error.cause : error) ?? "");
}

/** Whether a connection can go on being used after it. */
export function leavesConnectionSound(error: unknown): boolean {
  const code = codeOf(error);
  if (code === null || !isSqlState(code) || isStalePlan(error)) return false;
  // 08 connection exception, 57P server going down, 25006 a server that became a standby: another look may find another server.
  return !/^(08|57P0[1-5]|25006|58)/.test(code);
}

/** No class of SQLSTATE begins with E, and every error of the system does. */
function isSqlState(code: string): boolean {
  return /^[0-9FHPX][0-9A-Z]{4}$/.test(code);
}

/** `where` is the server and database without secrets. What is no failure of storage comes back as it is. */
export function toStoreError(error: unknown, where: string): unknown {
  if (error instanceof StoreError) return error;
  const told = describe(error, where);
  return told === null ? error : new StoreError(told.problem, told.message, { cause: error });
}

interface Told {
  readonly problem: StoreProblem;
  readonly message: string;
}

function describe(error: unknown, where: string): Told | null {
  const said = messageOf(error);
  const code = codeOf(error);
  if (code === null) {
    if (/SSL connection/.test(said)) {
      return {
        problem: "unreachable",
        message: `PostgreSQL at ${where} does not offer TLS (${said}). Turn on ssl there, or use sslmode=disable if the way to it is trusted.`,
      };
    }
    if (/^(Connection terminated|Client (has encountered|was closed)|timeout expired)/.test(said)) {
      return unreachable(where, said);
    }
    if (/^received invalid response/.test(said)) {
      return {
        problem: "not-a-database",
        message: `What answers at ${where} does not speak as PostgreSQL does (${said}). Check host and port in the database URL.`,
      };
    }
    if (/SASL|password/i.test(said)) {
      return {
        problem: "denied",
        message: `PostgreSQL at ${where} asks for a password in a way that cannot be answered (${said}). Check the password in the database URL.`,
      };
    }
    return null;
  }
  return isSqlState(code) ? ofState(code, said, where) : ofSocket(code, said, where);
}

function ofState(code: string, said: string, where: string): Told {
  if (code === "53300" || code === "57P03" || /^(08|57P0[1245])/.test(code)) return unreachable(where, said);
  if (code === "57014") {
    return {
      problem: "unreachable",
      message: `PostgreSQL at ${where} did not answer in time (${said}). Look whether it is overloaded or something holds a lock.`,
    };
  }
  if (code === "55P03") return unreachable(where, said);
  if (code === "25006") {
    return {
      problem: "read-only",
      message: `PostgreSQL at ${where} takes no writes (${said}). It is a standby, or was set read-only; point the database URL at the primary, or wait for it.`,
    };
  }
  if (/^28/.test(code)) {
    return {
      problem: "denied",
      message: `PostgreSQL at ${where} does not let this user in (${said}). Check user and password in the database URL, and pg_hba.conf there.`,
    };
  }
  if (code === "3D000") {
    return {
      problem: "denied",
      message: `PostgreSQL at ${where} has no such database (${said}). Create it, or correct the database URL.`,
    };
  }
  if (code === "42501") {
    return {
      problem: "denied",
      message: `PostgreSQL at ${where} forbids this user something (${said}). The user has to own the schema, or be allowed to create it.`,
    };
  }
  if (code === "53100") {
    return {
      problem: "disk-full",
      message: `No space is left for PostgreSQL at ${where} (${said}). Nothing of this request was kept. Free some space there and try again.`,
    };
  }
  if (code === "53400" || code === "53200" || code === "53000") {
    return {
      problem: "io",
      message: `PostgreSQL at ${where} is short of memory or of some limit (${said}).`,
    };
  }
  return { problem: "io", message: `PostgreSQL at ${where} refused a statement (${code}: ${said}).` };
}

function ofSocket(code: string, said: string, where: string): Told {
  if (/CERT|_CRL|TLS|SSL|VERIFY|ISSUER|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH/.test(code)) {
    return {
      problem: "unreachable",
      message: `PostgreSQL at ${where} could not be proved to be the right server (${said}). Give its authority with sslrootcert=…, or correct the host name; sslmode says what is checked.`,
    };
  }
  return unreachable(where, said);
}

function unreachable(where: string, said: string): Told {
  return {
    problem: "unreachable",
    message: `PostgreSQL at ${where} cannot be reached (${said}). Look whether it runs and listens there, and whether host and port in the database URL are right.`,
  };
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0) {
    return error.errors.map(messageOf).join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}

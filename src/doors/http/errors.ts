// Every error the HTTP door answers with, declared once. Names and status codes are Resend's where it has them.
import { AccountError, type AccountProblem } from "../../accounts/error.ts";
import { KeyError } from "../../accounts/keys.ts";
import { SignInFailure } from "../../accounts/signin.ts";
import { VaultError } from "../../accounts/vault.ts";
import type { Remedy } from "../../causes/verdict.ts";
import { MessageError } from "../../messages/compose.ts";
import { MailRequestError } from "../../messages/request.ts";
import { type SchemaProblem, unfitting } from "../../messages/unfitting.ts";
import { PostriderError } from "../../postrider.ts";
import { AddressError, UnknownProvider } from "../../providers/catalogue.ts";
import { StoreError } from "../../queue/store.ts";

const statusOf = {
  invalid_idempotency_key: 400,
  missing_api_key: 401,
  restricted_api_key: 401,
  invalid_api_key: 403,
  not_found: 404,
  method_not_allowed: 405,
  invalid_idempotent_request: 409,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  missing_required_field: 422,
  validation_error: 422,
  invalid_attachment: 422,
  invalid_from_address: 422,
  account_at_fault: 422,
  rate_limit_exceeded: 429,
  application_error: 500,
  storage_unavailable: 503,
  stopping: 503,
  disk_full: 507,
} as const;

export type ApiErrorName = keyof typeof statusOf;

/** An answer of `{ statusCode, name, message, cause?, remedy? }`. */
export class ApiError extends Error {
  readonly statusCode: number;
  readonly apiName: ApiErrorName;
  readonly causeId: string | undefined;
  readonly remedy: Remedy | undefined;
  /** After how many seconds the same request may be good; for what passes by itself. */
  readonly retryAfter: number | undefined;

  constructor(
    name: ApiErrorName,
    message: string,
    about: { cause?: string; remedy?: Remedy; retryAfter?: number } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.apiName = name;
    this.statusCode = statusOf[name];
    this.causeId = about.cause;
    this.remedy = about.remedy;
    this.retryAfter = about.retryAfter;
  }

  body() {
    return {
      statusCode: this.statusCode,
      name: this.apiName,
      message: this.message,
      ...(this.causeId === undefined ? {} : { cause: this.causeId }),
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
    };
  }
}

/** What a database that fails over or starts again takes, about; seconds. */
const storageRetryAfter = 5;

function fromStorage({ problem, message }: StoreError): ApiError {
  if (problem === "disk-full") return new ApiError("disk_full", message);
  const passes = problem === "unreachable" || problem === "read-only";
  return new ApiError("storage_unavailable", message, passes ? { retryAfter: storageRetryAfter } : {});
}

const accountErrors: Partial<Readonly<Record<AccountProblem, ApiErrorName>>> = {
  "unknown-account": "not_found",
  "unknown-route": "not_found",
  "name-taken": "conflict",
  "changed-meanwhile": "conflict",
};

const postriderErrors: Readonly<Record<PostriderError["problem"], ApiErrorName>> = {
  "unknown-message": "not_found",
  "content-gone": "not_found",
  "idempotency-conflict": "invalid_idempotent_request",
  "built-in": "conflict",
  "no-sender": "missing_required_field",
  "too-large": "payload_too_large",
  "not-suppressed": "not_found",
  "nothing-to-do": "conflict",
  "bad-setting": "validation_error",
  stopping: "stopping",
};

const keyErrors: Readonly<Record<KeyError["problem"], ApiErrorName>> = {
  "bad-name": "validation_error",
  "name-taken": "conflict",
  unknown: "not_found",
};

/** What the rest of the product throws, as an answer. What nobody foresaw is ours, and its text stays here. */
export function toApiError(error: unknown, limits: { readonly messageBytes: number }): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof MailRequestError) return new ApiError(error.problem, error.message);
  if (error instanceof MessageError) return new ApiError("validation_error", error.message);
  if (error instanceof AccountError)
    return new ApiError(accountErrors[error.problem] ?? "validation_error", error.message);
  if (error instanceof PostriderError) return new ApiError(postriderErrors[error.problem], error.message);
  if (error instanceof KeyError) return new ApiError(keyErrors[error.problem], error.message);
  if (error instanceof UnknownProvider) return new ApiError("not_found", error.message);
  if (error instanceof AddressError) return new ApiError("validation_error", error.message);
  if (error instanceof VaultError) return new ApiError("account_at_fault", error.message);
  if (error instanceof SignInFailure)
    return new ApiError("account_at_fault", error.message, { cause: error.verdict.cause });
  if (error instanceof StoreError) return fromStorage(error);
  return (
    fromFastify(error, limits) ??
    new ApiError("application_error", "Something went wrong here. The log has the details.")
  );
}

const fastifyErrors: Readonly<Record<string, ApiErrorName>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_INVALID_JSON_BODY: "validation_error",
  FST_ERR_CTP_EMPTY_JSON_BODY: "validation_error",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "validation_error",
};

function fromFastify(error: unknown, limits: { readonly messageBytes: number }): ApiError | null {
  if (!(error instanceof Error)) return null;
  const code = "code" in error ? String(error.code) : "";
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new ApiError(
      "payload_too_large",
      `The request is larger than a message may be: ${(limits.messageBytes / 2 ** 20).toFixed(0)} MiB with its attachments. Send a link to the file instead.`,
    );
  const name = fastifyErrors[code];
  if (name !== undefined) return new ApiError(name, error.message);
  return error instanceof SyntaxError
    ? new ApiError("validation_error", `The body is not JSON: ${error.message}`)
    : null;
}

/** A request that does not fit its schema: names the field, and says what would fit. */
export function fromValidation(error: unknown): ApiError {
  const { validation, validationContext } = error as {
    validation: readonly SchemaProblem[];
    validationContext?: string;
  };
  const where =
    validationContext === undefined || validationContext === "body" ? "" : ` (${validationContext})`;
  const { kind, message } = unfitting(validation[0] ?? {}, where);
  return new ApiError(kind === "missing" ? "missing_required_field" : "validation_error", message);
}

// A value that does not fit its schema, told so that the person who wrote it finds the place.

/** One thing that a TypeBox validator found. */
export interface SchemaProblem {
  readonly keyword?: string;
  /** As a JSON Pointer. */
  readonly instancePath?: string;
  readonly message?: string;
  readonly params?: object;
}

/** What some keywords say beside their names. */
interface Params {
  readonly requiredProperties?: readonly string[];
  readonly additionalProperties?: readonly string[];
}

export interface Unfit {
  readonly kind: "missing" | "unfit";
  /** Names the field, and says what would fit. */
  readonly message: string;
}

/** `where`: which part of a request, with a space in front; empty for its body. */
export function unfitting(problem: SchemaProblem, where = ""): Unfit {
  const params: Params = problem.params ?? {};
  const missing = params.requiredProperties?.[0];
  if (problem.keyword === "required" && missing !== undefined)
    return { kind: "missing", message: `The field \`${missing}\`${where} is missing.` };
  const field = (problem.instancePath ?? "").split("/").filter(Boolean).join(".");
  // Inside another field, what is not known comes as a field whose schema is `false`.
  const extra = problem.keyword === "boolean" ? "" : params.additionalProperties?.[0];
  if (extra !== undefined)
    return {
      kind: "unfit",
      message: `The field \`${[field, extra].filter(Boolean).join(".")}\`${where} is not known here. See /openapi.json.`,
    };
  return {
    kind: "unfit",
    message: `${field === "" ? "The request" : `The field \`${field}\``}${where} ${problem.message ?? "is not as it should be"}.`,
  };
}

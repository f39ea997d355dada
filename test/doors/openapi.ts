// Holds answers against the document that the server publishes about itself.
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

interface Media {
  readonly schema?: object;
}
export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}
export interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Every operation with its path and method. */
export function operations(document: Document): readonly (Operation & { path: string; method: string })[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method })),
  );
}

export class Contract {
  readonly document: Document;
  readonly #ajv: Ajv2020;
  readonly #seen = new Set<string>();

  constructor(document: Document) {
    this.document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ $id: "document", ...document });
  }

  /** Names of the operations whose good answer has not been held against the document. */
  unseen(): readonly string[] {
    return operations(this.document)
      .map(({ operationId }) => operationId)
      .filter((id) => !this.#seen.has(id));
  }

  /** @throws when the operation does not promise such an answer. */
  check(operationId: string, status: number, contentType: string, body: unknown): void {
    const operation = operations(this.document).find((one) => one.operationId === operationId);
    if (operation === undefined) throw new Error(`no operation ${operationId}`);
    const key = String(status) in operation.responses ? String(status) : "default";
    const media = contentType.split(";")[0]!.trim();
    const promised = operation.responses[key]?.content?.[media];
    if (promised === undefined)
      throw new Error(`${operationId} promises no ${media} for ${status}: ${JSON.stringify(body)}`);
    if (status < 400) this.#seen.add(operationId);
    if (media !== "application/json") return;
    const validate = this.#compiled(operation.path, operation.method, key, media);
    if (!validate(body))
      throw new Error(
        `${operationId} answered ${status} with what it does not promise: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(body, null, 1)}`,
      );
  }

  #compiled(path: string, method: string, status: string, media: string): ValidateFunction {
    const pointer = ["paths", path, method, "responses", status, "content", media, "schema"]
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const validate = this.#ajv.getSchema(`document#/${pointer}`);
    if (validate === undefined) throw new Error(`no schema at ${pointer}`);
    return validate as ValidateFunction;
  }
}

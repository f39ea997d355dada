// Who may call: a key from `key create`, or the token that the command line reads beside the data.
import { createHash, timingSafeEqual } from "node:crypto";
import type { onRequestAsyncHookHandler } from "fastify";
import type { KeyRing } from "../../accounts/keys.ts";
import { ApiError } from "./errors.ts";

export type Access = "public" | "sending" | "full";

declare module "fastify" {
  interface FastifyRequest {
    /** The key's id, `local` for the command line; null on public routes. */
    caller: string | null;
  }
}

const digest = (text: string) => createHash("sha256").update(text).digest();

export function authorize(keys: KeyRing, adminToken: string | null): onRequestAsyncHookHandler {
  const admin = adminToken === null ? null : digest(adminToken);
  return async (request) => {
    request.caller = null;
    const access = request.routeOptions.config.access ?? "full";
    if (access === "public" || request.is404) return;

    const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (presented === undefined)
      throw new ApiError(
        "missing_api_key",
        "Send an API key: `Authorization: Bearer KEY`. `postrider key create NAME` makes one.",
      );
    if (admin !== null && timingSafeEqual(digest(presented), admin)) {
      request.caller = "local";
      return;
    }
    const key = await keys.verify(presented);
    if (key === null)
      throw new ApiError(
        "invalid_api_key",
        "This API key is unknown or was revoked. `postrider key list` shows the keys in force.",
      );
    if (access === "full" && key.permission !== "full")
      throw new ApiError(
        "restricted_api_key",
        `The key "${key.name}" may only send. This needs a key made with --permission full.`,
      );
    request.caller = key.id;
  };
}

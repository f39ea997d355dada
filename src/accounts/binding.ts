// What a secret is bound to: the account and the places it may be shown to.
import type { Account } from "./account.ts";
import { endpointsOf } from "./limits.ts";

/** Change one of these and the sealed secret can no longer be opened. */
export type Binding = Pick<Account, "name" | "endpoint" | "alternates" | "username">;

/**
 * Associated data for AES-GCM. No two different bindings have the same encoding: a missing username differs from an
 * empty one by its count of fields.
 * Alternates that the person named have a form of their own, so that what was sealed without them still opens. Those
 * out of the catalogue are not part of it: they stand on the same host and follow the catalogue.
 */
export function bindingBytes(binding: Binding): Uint8Array {
  const place = ({ host, port, security }: Account["endpoint"]) => [host, String(port), security];
  const alternates = binding.alternates ?? [];
  const fields =
    alternates.length === 0
      ? ["postrider secret v1", binding.name, ...place(binding.endpoint)]
      : [
          "postrider secret v2",
          binding.name,
          String(alternates.length),
          ...[binding.endpoint, ...alternates].flatMap(place),
        ];
  if (binding.username !== null) fields.push(binding.username);
  return fieldBytes(fields);
}

/** Each field preceded by its length in bytes: no two lists have the same encoding. */
export function fieldBytes(fields: readonly string[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/**
 * Whether a secret that was entered for the one account goes nowhere else with the other: same endpoint, same user,
 * and no alternate that it was not entered for. An alternate that is left out or moves up takes it nowhere new.
 */
export function staysBound(entered: Account, later: Account): boolean {
  const places = endpointsOf(entered).map(placeText);
  return (
    placeText(entered.endpoint) === placeText(later.endpoint) &&
    entered.username === later.username &&
    (later.alternates ?? []).every((alternate) => places.includes(placeText(alternate)))
  );
}

const placeText = ({ host, port, security }: Account["endpoint"]) => `${security} ${port} ${host}`;

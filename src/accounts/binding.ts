// What a secret is bound to: the account and the place it may be shown to.
import type { Account } from "./account.ts";

/** Change one of these and the sealed secret can no longer be opened. */
export type Binding = Pick<Account, "name" | "endpoint" | "username">;

/**
 * Associated data for AES-GCM. Each field is preceded by its length in bytes, so that no two different
 * bindings have the same encoding; a missing username differs from an empty one by its count of fields.
 */
export function bindingBytes(binding: Binding): Uint8Array {
  const { host, port, security } = binding.endpoint;
  const fields = ["postrider secret v1", binding.name, host, String(port), security];
  if (binding.username !== null) fields.push(binding.username);
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** Whether a secret sealed for one is still good for the other. */
export function sameBinding(one: Binding, other: Binding): boolean {
  return Buffer.from(bindingBytes(one)).equals(bindingBytes(other));
}

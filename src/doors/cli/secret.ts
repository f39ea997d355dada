// Secrets come by a prompt, by standard input or by the environment; never as an argument, where every process sees it.
import { text } from "node:stream/consumers";
import { isCancel, password } from "@clack/prompts";
import { UsageError } from "./exit.ts";

export interface SecretFlags {
  readonly passwordStdin?: boolean;
}

const secretVariable = "POSTRIDER_PASSWORD";

/** @throws UsageError when there is no way to ask. */
export async function readSecret(flags: SecretFlags, label: string): Promise<string> {
  if (flags.passwordStdin) {
    const given = (await text(process.stdin)).replace(/\r?\n$/, "");
    if (given === "") throw new UsageError("--password-stdin: standard input was empty.");
    return given;
  }
  const fromEnvironment = process.env[secretVariable];
  if (fromEnvironment !== undefined && fromEnvironment !== "") return fromEnvironment;
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError(
      `A secret is needed (${label}). Pipe it in with --password-stdin, or set ${secretVariable}.`,
    );
  const typed = await password({ message: label });
  if (isCancel(typed) || typed === "") throw new UsageError("No secret was entered.");
  return typed;
}

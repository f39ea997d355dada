// How a command finds the server that holds a data directory: a file beside the data, readable by its owner alone.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Running {
  readonly url: string;
  /** Lets its bearer do everything; new at each start. */
  readonly token: string;
  readonly pid: number;
}

const fileIn = (directory: string) => join(directory, "server.json");

/** The server of this directory; null when none is running. */
export async function readRunning(directory: string): Promise<Running | null> {
  let running: Running;
  try {
    running = JSON.parse(await readFile(fileIn(directory), "utf8")) as Running;
  } catch (error) {
    // What else is wrong with the directory is told by whoever opens it.
    if ("code" in (error as Error) || error instanceof SyntaxError) return null;
    throw error;
  }
  return (await answers(running)) ? running : null;
}

/** A killed server leaves its file behind: only one that answers to its token counts. */
async function answers({ url, token }: Running): Promise<boolean> {
  try {
    const response = await fetch(new URL("/api/v1/routes", url), {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(5000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

export async function announce(directory: string, running: Running): Promise<void> {
  await rm(fileIn(directory), { force: true });
  await writeFile(fileIn(directory), JSON.stringify(running), { mode: 0o600, flag: "wx" });
}

export async function withdraw(directory: string): Promise<void> {
  await rm(fileIn(directory), { force: true });
}

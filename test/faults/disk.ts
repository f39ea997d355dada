// A small disk that can be filled and emptied.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, type TestContext } from "vitest";
import type { Trial } from "./trial.ts";

export interface Disk {
  /** On the disk. */
  readonly data: string;
  /** Takes every byte that is left. */
  fill(): void;
  /** Gives them back. */
  empty(): void;
}

/** A file system of its own in memory. Mounting takes root: without it the test is skipped, and says so. */
export function smallDisk(context: TestContext, trial: Trial, mebibytes: number): Disk {
  const disk = join(trial.directory, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", disk], { stdio: "pipe" });
  } catch (error) {
    return context.skip(
      `a small disk cannot be mounted here, which takes root: ${String(error).slice(0, 200)}`,
    );
  }
  onTestFinished(() => void execFileSync("umount", ["--lazy", disk]));
  const ballast = join(disk, "ballast");
  return {
    data: join(disk, "data"),
    fill() {
      const file = openSync(ballast, "a");
      try {
        for (const block of [Buffer.alloc(1 << 20), Buffer.alloc(4096), Buffer.alloc(1)]) fillBy(file, block);
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(ballast),
  };
}

function fillBy(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

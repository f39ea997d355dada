// Postrider: one process with the library, and the bench's small SMTP front or the product's HTTP door before it.
import { mkdirSync } from "node:fs";
import { connections, type Relay } from "../relay.ts";
import { remote } from "../workbench.ts";
import type { PostriderCalls } from "./postrider-process.ts";

export interface PostriderSetting {
  readonly door: "smtp" | "http";
  readonly data: string;
  readonly sinkPort: number;
  readonly connections: number;
}

export function postrider(door: "smtp" | "http"): Relay {
  return {
    label: door === "smtp" ? "Postrider" : "Postrider, HTTP door (composes)",
    missing: () => null,
    async start({ group, directory, sinkPort, signal, profile }) {
      const setting: PostriderSetting = { door, data: `${directory}/data`, sinkPort, connections };
      if (profile !== null) mkdirSync(profile, { recursive: true });
      const workers = new URL("profile-workers.ts", import.meta.url).href;
      const flags =
        profile === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`, `--import=${workers}`];
      const file = new URL("postrider-process.ts", import.meta.url);
      const process = await remote<PostriderCalls>(group, signal, "Postrider", file, setting, flags);
      return await process.call(5_000, "entrance");
    },
  };
}

// What the bench wants of everything that it compares.

import type { Lane } from "../../src/messages/lanes.ts";
import type { Group } from "../relay/group.ts";
import { remote } from "../relay/workbench.ts";
import type { NodeCalls } from "./node.ts";

/** Connections to the sink that the nodes of a contender may have together: as in the relay bench. */
export const sinkConnections = 20;
/** Ways at once in which mail is handed to the nodes of a contender together. */
export const ways = 40;

/** What a node's process is told. */
export interface NodeSetting {
  /** Null for an engine inside the process. */
  readonly database: string | null;
  /** A directory of its own. */
  readonly data: string;
  /** Which of them it is, from 0. */
  readonly nth: number;
  readonly nodes: number;
  readonly sinkPort: number;
  /** Whether bulk mail has a lower priority, where that has to be asked for. */
  readonly lanes: boolean;
}

/** Hands one letter to the node that it is called in; resolves when that is on stable storage. */
export type Accept = (id: string, lane: Lane) => Promise<void>;

export interface Contender {
  readonly label: string;
  readonly nodes: number;
  /** Whether it needs PostgreSQL. */
  readonly shared: boolean;
  /** The program of a node. */
  readonly program: URL;
}

export const contenderNames = [
  "embedded",
  "postrider-1",
  "postrider-2",
  "postrider-4",
  "pg-boss-1",
  "pg-boss-2",
  "pg-boss-4",
  "graphile-1",
  "graphile-2",
  "graphile-4",
] as const;
export type ContenderName = (typeof contenderNames)[number];

const here = (file: string) => new URL(`contenders/${file}`, import.meta.url);

function on(product: string, nodes: number, file: string): Contender {
  const label = `${product}, ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
  return { label, nodes, shared: true, program: here(file) };
}

const pgBoss = "pg-boss with nodemailer";
const graphile = "graphile-worker with nodemailer";

export const contenders: Readonly<Record<ContenderName, Contender>> = {
  embedded: {
    label: "Postrider, embedded engine",
    nodes: 1,
    shared: false,
    program: here("postrider-node.ts"),
  },
  "postrider-1": on("Postrider", 1, "postrider-node.ts"),
  "postrider-2": on("Postrider", 2, "postrider-node.ts"),
  "postrider-4": on("Postrider", 4, "postrider-node.ts"),
  "pg-boss-1": on(pgBoss, 1, "pg-boss-node.ts"),
  "pg-boss-2": on(pgBoss, 2, "pg-boss-node.ts"),
  "pg-boss-4": on(pgBoss, 4, "pg-boss-node.ts"),
  "graphile-1": on(graphile, 1, "graphile-node.ts"),
  "graphile-2": on(graphile, 2, "graphile-node.ts"),
  "graphile-4": on(graphile, 4, "graphile-node.ts"),
};

/** Starts a node and waits until it takes mail. */
export function startNode(group: Group, signal: AbortSignal, program: URL, setting: NodeSetting) {
  return remote<NodeCalls>(group, signal, `node ${setting.nth}`, program, setting);
}

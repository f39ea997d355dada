// The half of a node that is the same for all: mail handed to it in its own process, many letters at once or single ones.
import { setTimeout } from "node:timers/promises";
import type { Lane } from "../../src/messages/lanes.ts";
import { instant } from "../relay/instant.ts";
import { timedPrefix } from "../relay/letter.ts";
import type { Accept, NodeSetting } from "./contender.ts";

export function settingOfNode(): NodeSetting {
  return JSON.parse(process.argv[2] ?? "") as NodeSetting;
}

export function nodeCalls(nth: number, accept: Accept) {
  let made = 0;
  return {
    /** Instants of the first letter's beginning and of the last one's acceptance. */
    many: async (count: number, lane: Lane, width: number) => {
      let left = count;
      const began = instant();
      const work = async () => {
        while (left > 0) {
          left -= 1;
          await accept(`many-${nth}-${++made}`, lane);
        }
      };
      await Promise.all(Array.from({ length: width }, work));
      return { began, ended: instant() };
    },
    /** One after the other, `everyMs` apart or more: when each was begun and when it was accepted. */
    singles: async (count: number, everyMs: number, lane: Lane) => {
      const taken: { id: string; began: number; accepted: number }[] = [];
      for (let next = instant(); taken.length < count; next = Math.max(next + everyMs, instant())) {
        await setTimeout(Math.max(0, next - instant()));
        const id = `${timedPrefix}${nth}-${++made}`;
        const began = instant();
        await accept(id, lane);
        taken.push({ id, began, accepted: instant() });
      }
      return taken;
    },
  };
}
export type NodeCalls = ReturnType<typeof nodeCalls>;

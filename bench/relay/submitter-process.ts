// Who hands messages to every relay: many sessions at once as fast as the relay takes them, or single messages.
import { setTimeout } from "node:timers/promises";
import type { Lane } from "../../src/messages/lanes.ts";
import { answer } from "./asking.ts";
import { instant } from "./instant.ts";
import { timedPrefix } from "./letter.ts";
import { httpSession } from "./submit-http.ts";
import { smtpSession } from "./submit-smtp.ts";

export interface Session {
  /** Resolves with the instant at which the relay had taken it. @throws when the relay has not. */
  send(id: string, lane: Lane): Promise<number>;
  close(): void;
}

/** Where a relay takes mail. */
export type Entrance =
  | { readonly kind: "smtp"; readonly port: number }
  | { readonly kind: "http"; readonly port: number; readonly key: string };

let sessions: readonly Session[] = [];
let made = 0;

const open = (entrance: Entrance): Session | Promise<Session> =>
  entrance.kind === "smtp" ? smtpSession(entrance.port) : httpSession(entrance.port, entrance.key);

const calls = {
  open: async (entrance: Entrance, count: number) => {
    sessions = await Promise.all(Array.from({ length: count }, () => open(entrance)));
  },
  close: () => {
    for (const session of sessions) session.close();
    sessions = [];
  },
  /** Instants of the first message's beginning and of the last one's acceptance. */
  many: async (count: number, lane: Lane) => {
    let left = count;
    const began = instant();
    let ended = began;
    const work = async (session: Session) => {
      while (left > 0) {
        left -= 1;
        ended = Math.max(ended, await session.send(`many-${++made}`, lane));
      }
    };
    await Promise.all(sessions.map(work));
    return { began, ended };
  },
  /** One after the other on one session, `everyMs` apart or more: when each was begun and when it was taken. */
  singles: async (count: number, everyMs: number, lane: Lane) => {
    const taken: { id: string; began: number; accepted: number }[] = [];
    for (let next = instant(); taken.length < count; next = Math.max(next + everyMs, instant())) {
      await setTimeout(Math.max(0, next - instant()));
      const id = `${timedPrefix}${++made}`;
      const began = instant();
      taken.push({ id, began, accepted: await sessions[0]!.send(id, lane) });
    }
    return taken;
  },
};
export type SubmitterCalls = typeof calls;

answer(calls);

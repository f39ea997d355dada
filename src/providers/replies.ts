// Recognising a reply that a provider is known to give.
import type { EnhancedStatus, Reply } from "../smtp/reply.ts";
import type { Stage } from "../smtp/stage.ts";
import type { KnownReply, Provider } from "./provider.ts";

/**
 * The known reply that fits best, or null. Code and status must agree and every word must occur; among those that
 * fit, more words and then the same stage count. Another stage does not rule an entry out: servers differ in
 * when they speak up, and the words carry the meaning.
 */
export function knownReply(provider: Provider, stage: Stage, reply: Reply): KnownReply | null {
  const text = reply.lines.join(" ").toLowerCase();
  let best: { known: KnownReply; words: number; stage: number } | null = null;
  for (const known of provider.replies) {
    if (known.code !== reply.code) continue;
    if (known.enhanced !== null && known.enhanced !== written(reply.enhanced)) continue;
    if (!known.words.every((word) => text.includes(word.toLowerCase()))) continue;
    const rank = {
      words: known.words.join("").length,
      stage: known.stage === stage ? 2 : known.stage === null ? 1 : 0,
    };
    const better =
      best === null || rank.words > best.words || (rank.words === best.words && rank.stage > best.stage);
    if (better) best = { known, ...rank };
  }
  return best?.known ?? null;
}

/** The sample as the client would have parsed it. */
export function sampleReply(known: KnownReply): Reply {
  return { code: known.code, enhanced: status(known.enhanced), lines: known.sample.split("\n") };
}

function written(enhanced: EnhancedStatus | null): string | null {
  return enhanced === null ? null : `${enhanced.class}.${enhanced.subject}.${enhanced.detail}`;
}

function status(text: string | null): EnhancedStatus | null {
  const match = /^([245])\.(\d{1,3})\.(\d{1,3})$/.exec(text ?? "");
  if (match === null) return null;
  const classOf = { "2": 2, "4": 4, "5": 5 } as const;
  const [, first = "5", subject, detail] = match;
  return { class: classOf[first as keyof typeof classOf], subject: Number(subject), detail: Number(detail) };
}

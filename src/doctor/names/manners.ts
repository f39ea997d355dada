// In which way a name server answers, or does not.
import type { Text } from "../../providers/provider.ts";
import type { Answered, NameFacts } from "../facts.ts";
import { listed } from "./words.ts";

/** `fails` is SERVFAIL, `refuses` REFUSED; `unreachable` when the network says that nobody is there. */
export type Manner = "knows" | "no-address" | "no-such-name" | "fails" | "refuses" | "silent" | "unreachable";

type Server = NameFacts["servers"][number];

const byCode: Readonly<Record<string, Manner>> = {
  ENODATA: "no-address",
  ENOTFOUND: "no-such-name",
  ESERVFAIL: "fails",
  EREFUSED: "refuses",
  ETIMEOUT: "silent",
  TIMEOUT: "silent",
};

function manner({ code }: Answered): Manner {
  return code === null ? "knows" : (byCode[code] ?? "unreachable");
}

/** What it says of the host: an address of either family is one. */
export function mannerOf({ a, aaaa }: Server): Manner {
  const [first, second] = [manner(a), manner(aaaa)];
  if (first === "knows" || second === "knows") return "knows";
  // A name that has no addresses of one family may be unknown to a careless server when asked for the other.
  if (first === "no-address" || second === "no-address") return "no-address";
  return first;
}

/** The families that it leaves unanswered while it answers the other. */
export function halfSilent({ a, aaaa }: Server): "A" | "AAAA" | null {
  const [first, second] = [manner(a), manner(aaaa)];
  const isAnswer = (one: Manner) => one === "knows" || one === "no-address";
  if (isAnswer(first) && second === "silent") return "AAAA";
  return isAnswer(second) && first === "silent" ? "A" : null;
}

/** Milliseconds of the slower of its answers. */
export function slowness({ a, aaaa }: Server): number {
  return Math.max(a.ms, aaaa.ms);
}

const words: Readonly<Record<Exclude<Manner, "knows">, Text>> = {
  "no-address": { en: "says that the name has no address", zh: "答复该名字没有地址" },
  "no-such-name": { en: "says that there is no such name", zh: "答复没有这个名字" },
  fails: { en: "could not find out (SERVFAIL)", zh: "没能查出结果（SERVFAIL）" },
  refuses: { en: "refuses to answer this machine (REFUSED)", zh: "拒绝答复本机（REFUSED）" },
  silent: { en: "did not answer within 2 s", zh: "2 秒内没有应答" },
  unreachable: { en: "cannot be reached", zh: "无法访问" },
};

/** A sentence about what one name server said. */
export function told(server: Server): Text {
  const said = mannerOf(server);
  if (said === "knows") {
    const found = listed([...server.a.values, ...server.aaaa.values]);
    return {
      en: `The name server ${server.server} gives ${found.en}.`,
      zh: `DNS ${server.server} 给出 ${found.zh}。`,
    };
  }
  const code = said === "unreachable" ? (server.a.code ?? server.aaaa.code) : null;
  return {
    en: `The name server ${server.server} ${words[said].en}${code === null ? "" : ` (${code})`}.`,
    zh: `DNS ${server.server} ${words[said].zh}${code === null ? "" : `（${code}）`}。`,
  };
}

// A DMARC record (RFC 7489 §6.3).
import type { Text } from "../../providers/provider.ts";
import type { SenderFacts } from "../facts.ts";

type Dmarc = NonNullable<SenderFacts["dmarc"]>;

const policies = ["none", "quarantine", "reject"] as const;

/** Never throws. */
export function parseDmarc(record: string): Pick<Dmarc, "policy" | "problems"> {
  const tags = new Map(
    record
      .slice(0, 4_096)
      .split(";")
      .map((tag) => {
        const at = tag.indexOf("=");
        return [tag.slice(0, at).trim().toLowerCase(), tag.slice(at + 1).trim()] as const;
      }),
  );
  const told = tags.get("p")?.toLowerCase();
  const policy = policies.find((known) => known === told) ?? null;
  const problems: Text[] =
    policy === null
      ? [
          {
            en: "It names no policy (p=none, quarantine or reject)",
            zh: "没有给出策略（p=none、quarantine 或 reject）",
          },
        ]
      : [];
  return { policy, problems };
}

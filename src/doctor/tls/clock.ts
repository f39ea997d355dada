// What time others say it is: the Date of an answer in clear (RFC 9110 §6.6.1), which no certificate is needed for.
import { request } from "node:http";
import type { ClockFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";

/** Sites of two continents that answer without being asked for anything. */
const sites = ["www.cloudflare.com", "www.baidu.com"] as const;

/** Milliseconds. */
const longest = 4_000;

/** Others' time; empty when the person wants nobody else asked. */
export async function lookAtClock(surroundings: Surroundings): Promise<ClockFacts> {
  if (!surroundings.controls) return { offsets: [] };
  const answers = await Promise.all(sites.map((host) => ask(host, surroundings)));
  return { offsets: answers.filter((answer) => answer !== null) };
}

function ask(
  host: string,
  { connecting, ended, now }: Surroundings,
): Promise<ClockFacts["offsets"][number] | null> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(longest)]);
  return connecting(
    () =>
      new Promise((resolve) => {
        const began = now();
        const asking = request({ host, method: "HEAD", path: "/", signal, agent: false }, (answer) => {
          const theirs = Date.parse(answer.headers.date ?? "");
          answer.destroy();
          // In the middle of the way there and back.
          const ours = (began + now()) / 2;
          resolve(Number.isNaN(theirs) ? null : { host, offsetMs: Math.round(theirs - ours) });
        });
        asking.on("error", () => resolve(null));
        asking.end();
      }),
  );
}

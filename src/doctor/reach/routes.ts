// Whether this machine has a default route, from the kernel's own tables (proc(5), no permission needed).
import type { ReachFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";

/** linux/route.h: the route may be used; the route exists to refuse. */
const up = 0x1;
const reject = 0x200;

const counts = (flags: string | undefined) => {
  const bits = Number.parseInt(flags ?? "", 16);
  return (bits & up) !== 0 && (bits & reject) === 0;
};

/** The table of /proc/net/route. */
export function hasDefaultV4(table: string): boolean {
  return table.split("\n").some((line) => {
    const [, destination, , flags, , , , mask] = line.split(/\s+/);
    return destination === "00000000" && mask === "00000000" && counts(flags);
  });
}

/** The table of /proc/net/ipv6_route. */
export function hasDefaultV6(table: string): boolean {
  return table.split("\n").some((line) => {
    const [destination, bits, , , , , , , flags, device] = line.trim().split(/\s+/);
    return /^0{32}$/.test(destination ?? "") && bits === "00" && device !== "lo" && counts(flags);
  });
}

export async function lookAtRoutes({ read }: Pick<Surroundings, "read">): Promise<ReachFacts["routes"]> {
  const [v4, v6] = await Promise.all([read("/proc/net/route"), read("/proc/net/ipv6_route")]);
  return {
    v4: v4 === null ? null : hasDefaultV4(v4),
    // A kernel without IPv6 has no such file.
    v6: v6 === null ? (v4 === null ? null : false) : hasDefaultV6(v6),
  };
}

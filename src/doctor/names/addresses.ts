// What kind of place an address leads to: a public mail provider can only be at a public one.
import { BlockList, isIP } from "node:net";

/**
 * - `nothing`: 0.0.0.0 and ::, which filters answer.
 * - `here`: loopback.
 * - `private`: RFC 1918, RFC 4193, RFC 6598, link-local.
 * - `substitute`: 198.18.0.0/15 (RFC 2544), which proxy programs hand out in place of true addresses.
 */
export type Place = "nothing" | "here" | "private" | "substitute" | "public";

const ranges: readonly (readonly [Place, readonly string[]])[] = [
  ["nothing", ["0.0.0.0/8", "::/128"]],
  ["here", ["127.0.0.0/8", "::1/128"]],
  [
    "private",
    [
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "100.64.0.0/10",
      "169.254.0.0/16",
      "fc00::/7",
      "fe80::/10",
    ],
  ],
  ["substitute", ["198.18.0.0/15"]],
];

/** A list of networks in the usual way of writing, `192.0.2.0/24`. */
export function networks(list: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const network of list) {
    const [address = "", bits] = network.split("/");
    blocks.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return blocks;
}

const places = ranges.map(([place, list]) => [place, networks(list)] as const);

/** An address with a zone (`fe80::1%eth0`) is taken without it; what is no address counts as public. */
export function placeOf(address: string): Place {
  const bare = address.split("%", 1)[0] ?? "";
  const family = isIP(bare);
  if (family === 0) return "public";
  const kind = family === 6 ? "ipv6" : "ipv4";
  return places.find(([, blocks]) => blocks.check(bare, kind))?.[0] ?? "public";
}

// Addresses as numbers, so that rules' prefixes and ranges can be compared with them.
import { isIP } from "node:net";
import type { Family } from "../facts.ts";
import type { Span } from "./packet.ts";

export interface NumberedAddress {
  readonly family: Family;
  readonly value: bigint;
}

/** Null for what is no address. A zone (`fe80::1%eth0`) is left out: rules compare without it. */
export function numberOf(text: string): NumberedAddress | null {
  const address = text.replace(/%.*$/, "");
  const family = isIP(address);
  if (family === 4) return { family, value: ofOctets(address) };
  return family === 6 ? { family, value: ofGroups(address) } : null;
}

function ofOctets(address: string): bigint {
  return address.split(".").reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

/** RFC 4291 §2.2: `::` stands for as many groups of zero as are missing; the last two may be an IPv4 address. */
function ofGroups(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const between = Array<bigint>(8 - before.length - after.length).fill(0n);
  return [...before, ...between, ...after].reduce((sum, group) => (sum << 16n) | group, 0n);
}

function groupsOf(part: string): readonly bigint[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [BigInt(`0x${group}`)];
    const value = ofOctets(group);
    return [value >> 16n, value & 0xffffn];
  });
}

/** `192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `192.0.2.1-192.0.2.9`, one address; null for what is none of these. */
export function spanOf(text: string): { readonly family: Family; readonly span: Span } | null {
  const dash = text.indexOf("-");
  if (dash > 0) {
    const low = numberOf(text.slice(0, dash));
    const high = numberOf(text.slice(dash + 1));
    if (low === null || high === null || low.family !== high.family) return null;
    return { family: low.family, span: { low: low.value, high: high.value } };
  }
  const [address = "", length] = text.split("/");
  const base = numberOf(address);
  if (base === null) return null;
  const bits = base.family === 4 ? 32 : 128;
  const kept = length === undefined ? bits : prefixLength(length, bits);
  return kept === null ? null : { family: base.family, span: prefix(base, kept) };
}

/** All addresses that share the first `kept` bits. */
export function prefix({ family, value }: NumberedAddress, kept: number): Span {
  const free = BigInt((family === 4 ? 32 : 128) - kept);
  const low = (value >> free) << free;
  return { low, high: low | ((1n << free) - 1n) };
}

/** Null for a mask with holes, which no prefix can say. */
function prefixLength(text: string, bits: number): number | null {
  if (/^\d+$/.test(text)) return Number(text) <= bits ? Number(text) : null;
  const mask = numberOf(text);
  if (mask === null || (mask.family === 4 ? 32 : 128) !== bits) return null;
  const ones = mask.value.toString(2).padStart(bits, "0");
  return /^1*0*$/.test(ones) ? ones.lastIndexOf("1") + 1 : null;
}

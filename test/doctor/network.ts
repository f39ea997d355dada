// A network of the test's own: one namespace for everything that the doctor's machines reach, one for each machine,
// a cable between, and all of it gone afterwards.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "./world.ts";

const prefix = "postrider-";

/** What is done to a machine and to the network before it, every name filled in. */
export interface Fitting {
  readonly resolvConf: string;
  readonly hosts: string;
  readonly setUp: readonly string[];
  readonly gateway: readonly string[];
  readonly redirects: readonly string[];
}

export class Network {
  /** For what the stage has to write; removed with it. */
  readonly directory = mkdtempSync(join(tmpdir(), "postrider-stage-"));
  /** The namespace that holds all servers. */
  readonly outside = `${prefix}${process.pid}`;
  readonly #namespaces: string[] = [];
  readonly #leave = () => this.close();

  /** @throws without root or without the programs, saying what is missing. */
  constructor() {
    if (process.getuid?.() !== 0) throw new Error("network namespaces need root: run these tests as root");
    removeStale();
    process.once("exit", this.#leave);
    this.#add(this.outside);
    // A packet to an address that nobody has vanishes, as it does on the Internet.
    this.#in(
      this.outside,
      `ip link set lo up
       sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
       sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
       sysctl -qw net.ipv6.conf.all.forwarding=0
       nft add table inet gate
       nft add chain inet gate arriving '{ type filter hook prerouting priority raw; }'
       nft add chain inet gate turning '{ type nat hook prerouting priority dstnat; }'`,
    );
  }

  /** Gives the servers' namespace these addresses. */
  addresses(all: readonly string[]): void {
    const lines = all.map(
      (one) =>
        `addr add ${one}${one.includes(":") ? "/128" : "/32"} dev lo${one.includes(":") ? " nodad" : ""}`,
    );
    execFileSync("ip", ["-n", this.outside, "-batch", "-"], { input: lines.join("\n") });
  }

  /** Connects a machine; `at` is its number, from 1. Returns its namespace. */
  machine(world: World, at: number, fitting: Fitting): string {
    const name = this.namespaceOf(world);
    this.#add(name);
    const folder = join("/etc/netns", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "resolv.conf"), fitting.resolvConf);
    writeFileSync(join(folder, "hosts"), fitting.hosts);
    // Some systems ask a service of their own, which lives in another network.
    writeFileSync(join(folder, "nsswitch.conf"), "hosts: files dns\n");
    const inside = `d${world.name}`;
    const v4 = `10.77.${at}`;
    const v6 = `fd77:${at.toString(16)}:`;
    execFileSync("ip", ["-batch", "-"], {
      input: `link add ${inside} netns ${this.outside} type veth peer name eth0 netns ${name}`,
    });
    this.#in(
      this.outside,
      `ip addr add ${v4}.1/24 dev ${inside}
       ip addr add ${v6}:1/64 dev ${inside} nodad
       ip link set ${inside} up
       ${fitting.gateway.map((rule) => `nft add rule inet gate arriving iifname ${inside} '${rule}'`).join("\n")}
       ${fitting.redirects.map((rule) => `nft add rule inet gate turning iifname ${inside} '${rule}'`).join("\n")}`,
    );
    const { without = [] } = world;
    this.#in(
      name,
      `sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
       ip link set lo up
       ip addr add ${v4}.2/24 dev eth0
       ip addr add ${v6}:2/64 dev eth0 nodad
       ip link set eth0 up
       ${without.includes("v4") ? "" : `ip route add default via ${v4}.1`}
       ${without.includes("v6") ? "" : `ip route add default via ${v6}:1`}
       ${fitting.setUp.join("\n")}`,
    );
    return name;
  }

  namespaceOf({ name }: World): string {
    return `${this.outside}-${name}`;
  }

  close(): void {
    process.removeListener("exit", this.#leave);
    for (const name of this.#namespaces.splice(0).toReversed()) remove(name);
    rmSync(this.directory, { recursive: true, force: true });
  }

  #add(name: string): void {
    execFileSync("ip", ["netns", "add", name]);
    this.#namespaces.push(name);
  }

  #in(name: string, script: string): void {
    execFileSync("ip", ["netns", "exec", name, "sh", "-ec", script]);
  }
}

function remove(name: string): void {
  execFileSync("ip", ["netns", "del", name]);
  rmSync(join("/etc/netns", name), { recursive: true, force: true });
}

/** What a run left that was killed before it could clean up. */
function removeStale(): void {
  let names: string[];
  try {
    names = readdirSync("/run/netns");
  } catch {
    return;
  }
  for (const name of names) {
    const pid = new RegExp(`^${prefix}(\\d+)(?:-|$)`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) remove(name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

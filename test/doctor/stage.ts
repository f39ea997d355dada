// The stage: the servers' process, and the doctor's machines with a process on each; settings are asked about by world.
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnosis } from "../../src/doctor/diagnosis.ts";
import { makeAuthority } from "../../src/sandbox/certificates.ts";
import type { Case } from "./case.ts";
import { staged } from "./cases/all.ts";
import { everybodys } from "./cases/everybodys.ts";
import { Child } from "./child.ts";
import type { Question } from "./doctor-child.ts";
import type { Order } from "./internet.ts";
import { Network } from "./network.ts";
import { type PlacedWorld, plan } from "./plan.ts";
import { plain, type World } from "./world.ts";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Of the doctor's environment only what a program needs to start: whoever runs the tests may run them in some cloud. */
const env = { PATH: process.env.PATH ?? "", HOME: "/root", LANG: "C.UTF-8" };

export class Stage {
  readonly #network: Network;
  readonly #internet: Child;
  readonly #machines: ReadonlyMap<World, () => Child>;
  readonly #placed: ReadonlyMap<World, PlacedWorld>;
  readonly #ca: string;
  readonly #started: Child[];

  private constructor(
    network: Network,
    internet: Child,
    ca: string,
    placed: ReadonlyMap<World, PlacedWorld>,
    machines: ReadonlyMap<World, () => Child>,
    started: Child[],
  ) {
    this.#network = network;
    this.#internet = internet;
    this.#ca = ca;
    this.#placed = placed;
    this.#machines = machines;
    this.#started = started;
  }

  /** Sets the stage for these of the cases. @throws without root or without the programs it takes. */
  static async set(played: readonly Case[] = staged): Promise<Stage> {
    const network = new Network();
    const started: Child[] = [];
    try {
      const authority = await makeAuthority({ name: "Stage Authority" });
      const { placed, worlds } = plan(everybodys(played), played);
      const addresses = [
        ...placed.flatMap(({ v4, v6 }) => (v6 === null ? [v4] : [v4, v6])),
        ...worlds.map(({ dns }) => dns),
      ];
      network.addresses(addresses);
      const internet = new Child(
        "ip",
        ["netns", "exec", network.outside, process.execPath, file("internet.ts")],
        { ...process.env, NODE_OPTIONS: "" },
      );
      started.push(internet);
      const ready = internet.ask({
        start: { authority, wanted: played.map((one) => staged.indexOf(one)) },
      } satisfies Order);
      const machines = new Map<World, () => Child>();
      for (const [index, one] of worlds.entries()) {
        const namespace = network.machine(one.world, index + 1, one);
        let child: Child | null = null;
        machines.set(one.world, () => {
          if (child === null) {
            child = machine(network, namespace, one.world);
            started.push(child);
          }
          return child;
        });
      }
      await ready;
      const known = new Map(worlds.map((one) => [one.world, one]));
      return new Stage(network, internet, authority.certPem, known, machines, started);
    } catch (error) {
      await Promise.all(started.map((child) => child.end()));
      network.close();
      throw error;
    }
  }

  /** What the doctor comes to on that machine. */
  async diagnose(one: Case): Promise<Diagnosis> {
    const world = one.world ?? plain;
    const machine = this.#machines.get(world);
    if (machine === undefined) throw new Error(`the stage was not set for the world ${world.name}`);
    const host = one.input.host;
    const address = /^\{(.+)\}$/.exec(host ?? "")?.[1];
    const question: Question = {
      input: {
        ...one.input,
        ...(address === undefined ? {} : { host: this.#placed.get(world)!.addressOf(address) }),
        ca: [this.#ca],
      },
      proof: one.proof ?? null,
      options: { ...(one.to === undefined ? {} : { to: one.to }), ...one.options },
    };
    return machine().ask<Diagnosis>(question);
  }

  /** The same by `postrider doctor --json`, as its own process on that machine. */
  async commandLine(one: Case): Promise<{ readonly code: number | null; readonly diagnosis: Diagnosis }> {
    const world = one.world ?? plain;
    const { provider, host, port, security, username, from } = one.input;
    const ca = join(this.#network.directory, "ca.pem");
    writeFileSync(ca, this.#ca);
    const flags = Object.entries({ provider, host, port, security, username, from, ca });
    const secret = one.proof !== undefined && one.proof !== null && "password" in one.proof;
    const { args, env: surroundings } = entering(this.#network, this.#network.namespaceOf(world), world, [
      ...[fileURLToPath(new URL("../../src/doors/cli/main.ts", import.meta.url)), "doctor", "--json"],
      ...flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
      ...(secret ? ["--password-stdin"] : []),
    ]);
    const said = await spoken("ip", args, surroundings, secret ? `${one.proof.password}\n` : "");
    if (!said.out.startsWith("{")) throw new Error(`postrider doctor ended with ${said.code}: ${said.err}`);
    return { code: said.code, diagnosis: JSON.parse(said.out) as Diagnosis };
  }

  /** How often each of those that a replica refuses has tried to sign in, over all cases. */
  async refusedSignIns(): Promise<Readonly<Record<string, number>>> {
    return this.#internet.ask({ count: "refused sign-ins" } satisfies Order);
  }

  async strike(): Promise<void> {
    await Promise.all(this.#started.map((child) => child.end()));
    await this.#internet.end();
    this.#network.close();
  }
}

function machine(network: Network, namespace: string, world: World): Child {
  const { args, env: surroundings } = entering(network, namespace, world, [file("doctor-child.ts")]);
  return new Child("ip", args, surroundings);
}

/** How a program of ours is run on a machine. */
function entering(network: Network, namespace: string, world: World, program: readonly string[]) {
  const root = mkdtempSync(join(network.directory, "root-"));
  const make = Object.entries(world.dmi ?? {}).flatMap(([name, value]) => ["-f", `${name}=${value}`]);
  const user =
    world.confined === true ? ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"] : [];
  const clock = world.clock === undefined ? [] : ["faketime", "-m", "-f", world.clock];
  return {
    args: [
      ...["netns", "exec", namespace, file("enter.sh"), root],
      ...(world.docker === true ? ["-d"] : []),
      ...[...make, "--", ...user, ...clock, process.execPath, ...program],
    ],
    env: {
      ...env,
      DONT_FAKE_MONOTONIC: "1",
      // Dozens of processes run the same sources.
      NODE_COMPILE_CACHE: join(network.directory, "compiled"),
      ...world.env,
    },
  };
}

function spoken(program: string, args: readonly string[], surroundings: NodeJS.ProcessEnv, input: string) {
  return new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>(
    (resolve, reject) => {
      const child = spawn(program, args, { env: surroundings, timeout: 60_000 });
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
      child.once("error", reject);
      child.once("close", (code) =>
        resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
      );
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
    },
  );
}

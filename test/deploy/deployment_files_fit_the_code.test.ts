// What the deployment files say about the program, held against the program: variables, paths, ports, users, limits.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openVault } from "../../src/accounts/secretkey.ts";
import { freshDirectory, outcomeOf, postrider, root, serve, start } from "../doors/processes.ts";
import { deployFile, finalStage, graceOf, text, yaml } from "./manifests.ts";

interface Service {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly stop_grace_period: string;
  readonly read_only: boolean;
  readonly tmpfs: readonly string[];
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly [
          {
            readonly image: string;
            readonly args: readonly string[];
            readonly env: readonly {
              readonly name: string;
              readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
            }[];
            readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
            readonly startupProbe: Probe;
            readonly livenessProbe: Probe;
            readonly readinessProbe: Probe;
            readonly lifecycle: {
              readonly preStop: { readonly exec: { readonly command: readonly string[] } };
            };
            readonly securityContext: Readonly<Record<string, unknown>>;
          },
        ];
      };
    };
  };
}

const compose = yaml("compose.yaml") as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const nodes = ["postrider-1", "postrider-2"].map((name) => compose.services[name]!);
const unit = text("systemd/postrider.service");
const deployment = yaml("kubernetes/deployment.yaml") as Deployment;
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const stage = finalStage();

/** A value of the unit; the last one where there are several. */
function unitSays(name: string): string {
  const value = [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].at(-1)?.[1];
  if (value === undefined) throw new Error(`the unit has no ${name}`);
  return value;
}

/** Every file's name below `src`, tests left out. */
function sources(): readonly string[] {
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => join(root, "src", name));
}

test("every POSTRIDER_ variable that they set is one the program reads", () => {
  const code = sources()
    .map((name) => readFileSync(name, "utf8"))
    .join("\n");
  const set = new Set([
    ...[...stage.get("ENV")!.matchAll(/(POSTRIDER_\w+)=/g)].map(([, name]) => name!),
    ...nodes.flatMap((node) => Object.keys(node.environment)),
    ...[...unit.matchAll(/^Environment=(POSTRIDER_\w+)/gm)].map(([, name]) => name!),
    ...container.env.map(({ name }) => name),
  ]);
  expect(set).toContain("POSTRIDER_DATABASE_URL");
  expect([...set].filter((name) => !code.includes(name))).toEqual([]);
});

test("a stop is given longer than --grace, and serve knows the option", async () => {
  for (const node of nodes)
    expect(Number.parseInt(node.stop_grace_period, 10)).toBeGreaterThan(graceOf(node.command));
  expect(Number(unitSays("TimeoutStopSec"))).toBeGreaterThan(graceOf(unitSays("ExecStart").split(" ")));
  const [program, seconds] = container.lifecycle.preStop.exec.command;
  expect(program).toBe("sleep");
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + graceOf(container.args));
  expect((await postrider(["serve", "--help"])).out).toContain("--grace");
});

test("the probes ask what the HTTP door answers", async () => {
  const { said } = await serve(freshDirectory());
  const { startupProbe, livenessProbe, readinessProbe } = container;
  for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
    expect((await fetch(`${said.url}${httpGet.path}`)).status).toBe(200);
    expect(container.ports.map(({ name }) => name)).toContain(httpGet.port);
  }
  // A database that is away must not restart the pods.
  expect(livenessProbe.httpGet.path).not.toBe("/readyz");
  expect(readinessProbe.httpGet.path).toBe("/readyz");

  const port = new URL(said.url).port;
  for (const at of [`0.0.0.0:${port}`, `127.0.0.1:${port}`, port])
    expect(await healthcheck(at)).toMatchObject({ code: 0 });
});

/** The image's health check, for a door at `at`. */
function healthcheck(at: string) {
  return outcomeOf(
    start({
      command: [process.execPath, deployFile("healthcheck.mjs")],
      args: [],
      env: { POSTRIDER_HTTP: at },
    }),
  );
}

test("the health check fails where the door answers with an error, and where there is none", async () => {
  const server = createServer((_request, response) => response.writeHead(500).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expect(await healthcheck(`127.0.0.1:${port}`)).toMatchObject({ code: 1 });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await healthcheck(`127.0.0.1:${port}`)).toMatchObject({ code: 1 });
});

test("one user without rights, one port and one image everywhere", () => {
  const [uid, gid] = stage.get("USER")!.split(":").map(Number);
  expect(uid).toBeGreaterThan(0);
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: gid,
    fsGroup: gid,
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  const port = Number(stage.get("EXPOSE"));
  expect(stage.get("ENV")).toContain(`POSTRIDER_HTTP=0.0.0.0:${port}`);
  expect(container.ports).toContainEqual({ name: "http", containerPort: port });
  for (const node of nodes) {
    expect(node.read_only).toBe(true);
    expect(node.tmpfs.join()).toContain(`/data:uid=${uid},gid=${gid}`);
    // The image's own program, after the switch that reads the secrets.
    const program = JSON.parse(stage.get("ENTRYPOINT")!) as string[];
    expect(node.entrypoint.filter((word) => !word.startsWith("--env-file"))).toEqual(program);
    expect(node.depends_on).toEqual({ postgres: { condition: "service_healthy" } });
  }
  expect(compose.services.postgres?.healthcheck).toBeDefined();

  const { images } = yaml("kubernetes/kustomization.yaml") as {
    images: readonly { name: string; newTag: string }[];
  };
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(images).toMatchObject([{ name: container.image, newTag: version }]);
  for (const node of nodes) expect(node.image).toContain(`postrider:${version}`);
});

test("kustomize names every file there is, and each selects the pods of the deployment", () => {
  const { resources } = yaml("kubernetes/kustomization.yaml") as { resources: readonly string[] };
  const files = readdirSync(deployFile("kubernetes"));
  const applied = files.filter((name) => !["kustomization.yaml", "secret.example.yaml"].includes(name));
  expect([...resources].sort()).toEqual(applied.sort());

  const labels = deployment.spec.template.metadata.labels;
  const service = yaml("kubernetes/service.yaml") as { spec: { selector: object } };
  const budget = yaml("kubernetes/poddisruptionbudget.yaml") as {
    spec: { maxUnavailable: number; selector: { matchLabels: object } };
  };
  const policy = yaml("kubernetes/networkpolicy.yaml") as { spec: { podSelector: { matchLabels: object } } };
  for (const selected of [
    service.spec.selector,
    budget.spec.selector.matchLabels,
    policy.spec.podSelector.matchLabels,
    deployment.spec.selector.matchLabels,
  ])
    expect(labels).toMatchObject(selected);
  expect(deployment.spec.replicas).toBeGreaterThan(budget.spec.maxUnavailable);

  const secret = yaml("kubernetes/secret.example.yaml") as {
    metadata: { name: string };
    stringData: Readonly<Record<string, string>>;
  };
  const asked = container.env.flatMap(({ valueFrom }) =>
    valueFrom === undefined ? [] : [valueFrom.secretKeyRef],
  );
  expect(asked.map(({ name, key }) => [name, secret.stringData[key] !== undefined])).toEqual([
    [secret.metadata.name, true],
    [secret.metadata.name, true],
  ]);
});

test("make-secrets.sh makes what the compose file mounts, and never a second time", () => {
  const folder = join(mkdtempSync(join(tmpdir(), "postrider-deploy-")), "secrets");
  onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
  const make = () => execFileSync(deployFile("make-secrets.sh"), [folder]);
  const made = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  make();
  expect(readdirSync(folder).sort()).toEqual(
    Object.values(compose.secrets)
      .map(({ file }) => file.replace("./secrets/", ""))
      .sort(),
  );
  expect(statSync(folder).mode & 0o777).toBe(0o700);

  const environment = parseEnv(readFileSync(join(folder, "postrider.env"), "utf8"));
  expect(environment.PGPASSWORD).toBe(readFileSync(join(folder, "postgres-password"), "utf8").trim());
  expect(() => openVault(folder, { POSTRIDER_SECRET_KEY: environment.POSTRIDER_SECRET_KEY })).not.toThrow();

  const before = made();
  make();
  expect(made()).toEqual(before);
});

test("no secret stands in a file that is committed", () => {
  for (const node of nodes) {
    expect(Object.keys(node.environment)).not.toContain("POSTRIDER_SECRET_KEY");
    expect(new URL(node.environment.POSTRIDER_DATABASE_URL!).password).toBe("");
  }
  expect(text(".gitignore").split("\n")).toEqual(expect.arrayContaining(["secrets/", ".env"]));
  const { stringData } = yaml("kubernetes/secret.example.yaml") as {
    stringData: Readonly<Record<string, string>>;
  };
  // The example must not start with a key that everybody knows.
  expect(() => openVault("/nonexistent", { POSTRIDER_SECRET_KEY: stringData["secret-key"] })).toThrow();
});

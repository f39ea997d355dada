// Where a machine says that it runs, by real files of firmware and containers, and what is made of it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MachineFacts } from "../facts.ts";
import { factsOf, passedWalk, seen, settingOf } from "../names/facts.fixture.ts";
import type { Surroundings } from "../surroundings.ts";
import { lookAtMachine } from "./look.ts";
import { type ContainerMarks, containerBy, type Firmware, libcBy, platformBy, proxiesOf } from "./marks.ts";
import { platform, platforms } from "./platforms.ts";
import { readMachine } from "./reading.ts";

const bare: Firmware = {
  sysVendor: "QEMU\n",
  productName: "Standard PC (Q35 + ICH9, 2009)\n",
  chassisAssetTag: "\n",
  productSerial: null,
  productUuid: null,
  hypervisorUuid: null,
  commandLine: "BOOT_IMAGE=/vmlinuz root=/dev/vda1",
};

describe("the platform", () => {
  test.each<[string | null, Partial<Firmware>, Readonly<Record<string, string>>?]>([
    [null, {}],
    ["aws", { sysVendor: "Amazon EC2\n" }],
    ["aws", { hypervisorUuid: "ec2e1916-9099-7caf-fd21-012345abcdef\n" }],
    ["google-cloud", { productName: "Google Compute Engine\n" }],
    [
      "azure",
      { sysVendor: "Microsoft Corporation\n", chassisAssetTag: "7783-7084-3265-9085-8269-3286-77\n" },
    ],
    [null, { sysVendor: "Microsoft Corporation\n", productName: "Virtual Machine\n" }],
    ["digitalocean", { sysVendor: "DigitalOcean\n" }],
    ["hetzner", { sysVendor: "Hetzner\n", productName: "vServer\n" }],
    ["vultr", { sysVendor: "Vultr\n" }],
    ["linode", { sysVendor: "Akamai\n" }],
    ["oracle", { sysVendor: "QEMU\n", chassisAssetTag: "OracleCloud.com\n" }],
    ["alibaba", { sysVendor: "Alibaba Cloud\n", productName: "Alibaba Cloud ECS\n" }],
    ["huawei", { chassisAssetTag: "HUAWEICLOUD\n" }],
    ["scaleway", { commandLine: "LINUX_COMMON=scaleway boot=local" }],
    ["upcloud", { sysVendor: "UpCloud\n" }],
    ["tencent", { sysVendor: "Tencent Cloud\n", productName: "CVM\n" }],
    ["exoscale", { productName: "Exoscale Compute Platform\n" }],
    [null, { productName: "OpenStack Nova\n" }],
    // What runs on a platform is told by the platform, not by the cloud below.
    ["render", { sysVendor: "Amazon EC2\n" }, { RENDER: "true" }],
    ["railway", { productName: "Google Compute Engine\n" }, { RAILWAY_ENVIRONMENT: "production" }],
    ["aws", {}, { AWS_LAMBDA_FUNCTION_NAME: "mail" }],
    ["google-cloud", {}, { K_SERVICE: "mail" }],
    [null, {}, { RENDER: "" }],
  ])("is %s", (wanted, firmware, env = {}) => {
    expect(platformBy({ ...bare, ...firmware }, env)?.platform ?? null).toBe(wanted);
  });

  test("is told by a mark that gives no serial number away", () => {
    expect(platformBy({ ...bare, productUuid: "EC2F1916-secret" }, {})?.by).toBe("product_uuid");
    expect(platformBy({ ...bare, sysVendor: "Hetzner\n" }, {})?.by).toBe("sys_vendor Hetzner");
  });

  test("has a row with a way out in both languages", () => {
    expect(new Set(platforms.map(({ id }) => id)).size).toBe(platforms.length);
    for (const { id, unblock, blocks, openByDefault, evidence } of platforms) {
      expect(unblock.en, id).toMatch(/^[A-Z].*\.$/);
      expect(unblock.zh, id).toMatch(/。$/);
      expect(unblock.zh, id).not.toMatch(/[,;](?= ?[\u4e00-\u9fff])/);
      expect(
        openByDefault.filter((port) => blocks === "all" || blocks.includes(port)),
        id,
      ).toEqual([]);
      if (evidence === "recalled") expect(unblock.en, id).toMatch(/often|may|not known/);
    }
    expect(platform("hetzner")?.blocks).toEqual([25, 465]);
    expect(platform("nowhere")).toBeNull();
  });
});

describe("the container", () => {
  const none: ContainerMarks = {
    dockerenv: null,
    containerenv: null,
    systemd: null,
    cgroup: "0::/init.scope\n",
    mounts: null,
  };
  test.each<[MachineFacts["container"], Partial<ContainerMarks>, Readonly<Record<string, string>>?]>([
    [null, {}],
    ["docker", { dockerenv: "" }],
    ["docker", { cgroup: "12:pids:/docker/4f2b\n" }],
    [
      "docker",
      {
        mounts: "612 598 8:1 /var/lib/docker/containers/4f2b/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n",
      },
    ],
    ["podman", { containerenv: 'engine="podman-4.3.1"\n' }],
    ["kubernetes", { dockerenv: "", cgroup: "0::/kubepods.slice/kubepods-burstable.slice\n" }],
    ["kubernetes", {}, { KUBERNETES_SERVICE_HOST: "10.43.0.1" }],
    ["lxc", { systemd: "lxc\n" }],
    ["lxc", { cgroup: "1:name=systemd:/lxc/web\n" }],
    ["other", { systemd: "systemd-nspawn\n" }],
  ])("is %s", (wanted, marks, env = {}) => {
    expect(containerBy({ ...none, ...marks }, env)).toBe(wanted);
  });
});

test("the C library is that of this process", () => {
  expect(libcBy("7f00 r-xp 00000000 08:01 42 /usr/lib/x86_64-linux-gnu/libc.so.6\n")).toBe("glibc");
  expect(libcBy("7f00 r-xp 00000000 08:01 42 /lib/ld-musl-x86_64.so.1\n")).toBe("musl");
  expect(libcBy(null)).toBe("other");
});

test("no secret of a proxy is kept, whatever it is made of", () => {
  const secret = fc.string({
    unit: fc.constantFrom("s", "3", "c", "@", ":", "%", "#", "?", "!"),
    minLength: 1,
  });
  fc.assert(
    fc.property(secret, fc.constantFrom("http://", "socks5h://", ""), (password, scheme) => {
      const [proxy] = proxiesOf({ HTTPS_PROXY: `${scheme}user:${password}@proxy.corp.example:3128` });
      expect(proxy).toEqual({ variable: "HTTPS_PROXY", value: `${scheme}***@proxy.corp.example:3128` });
    }),
  );
  expect(
    proxiesOf({ all_proxy: "socks5://10.0.0.1:1080", NO_PROXY: "localhost,.corp.example", http_proxy: " " }),
  ).toEqual([
    { variable: "all_proxy", value: "socks5://10.0.0.1:1080" },
    { variable: "NO_PROXY", value: "localhost,.corp.example" },
  ]);
});

test("the look brings back what the files say, and asks nobody", async () => {
  const files: Readonly<Record<string, string>> = {
    "/sys/class/dmi/id/sys_vendor": "Hetzner\n",
    "/.dockerenv": "",
    "/proc/self/maps": "7f00 r-xp 00000000 08:01 42 /lib/ld-musl-aarch64.so.1\n",
    "/etc/os-release": 'NAME="Alpine Linux"\nPRETTY_NAME="Alpine Linux v3.20"\n',
  };
  const surroundings: Surroundings = {
    read: (path) => Promise.resolve(files[path] ?? null),
    run: () => Promise.reject(new Error("no program is needed")),
    env: { HTTP_PROXY: "http://me:secret@proxy:3128", VERCEL: "" },
    now: () => 0,
    ended: new AbortController().signal,
    connecting: () => Promise.reject(new Error("nobody is asked")),
    controls: true,
  };
  expect(await lookAtMachine(surroundings, { metadata: true })).toEqual({
    platform: "hetzner",
    platformBy: "sys_vendor Hetzner",
    container: "docker",
    serverless: false,
    system: { name: "Alpine Linux v3.20", libc: "musl" },
    proxies: [{ variable: "HTTP_PROXY", value: "http://***@proxy:3128" }],
  });
});

describe("the reading", () => {
  const plain: MachineFacts = {
    platform: null,
    platformBy: null,
    container: null,
    serverless: false,
    system: { name: "Debian GNU/Linux 12 (bookworm)", libc: "glibc" },
    proxies: [],
  };
  const setting = settingOf("smtp.example.com");
  const knock = { address: "192.0.2.7", family: 4, port: 587, ms: 1, greeting: null, closed: false } as const;
  const none = { web: [], elsewhere: [], others: [], nowhere: [] };
  const silent = seen({
    own: [{ ...knock, code: "TIMEOUT" }],
    ports: [],
    controls: none,
    routes: { v4: true, v6: false },
  });
  const kinds = (machine: MachineFacts, more: Parameters<typeof factsOf>[1] = {}) =>
    readMachine(factsOf(setting, { machine: seen(machine), ...more })).map(({ status, cause }) =>
      `${status} ${cause ?? ""}`.trim(),
    );

  test("names the platform and how it is opened", () => {
    const [where] = readMachine(
      factsOf(setting, {
        machine: seen({
          ...plain,
          platform: "alibaba",
          platformBy: "product_name Alibaba Cloud ECS",
          container: "docker",
        }),
      }),
    );
    expect(where?.detail.en).toBe(
      "Runs on Alibaba Cloud (product_name Alibaba Cloud ECS), in a Docker container; Debian GNU/Linux 12 (bookworm), glibc",
    );
    expect(where?.detail.zh).toContain("阿里云");
    expect(where?.values?.unblock).toEqual(platform("alibaba")?.unblock);
  });

  test("speaks of containers and proxies only when no connection stands", () => {
    const odd: MachineFacts = {
      ...plain,
      container: "docker",
      proxies: [{ variable: "HTTPS_PROXY", value: "http://proxy:3128" }],
    };
    expect(kinds(odd, { reach: silent })).toEqual(["ok", "warn environment.host-ok-container-fails", "warn"]);
    expect(kinds(odd, { reach: silent, walk: passedWalk() })).toEqual(["ok"]);
    expect(
      kinds({ ...plain, proxies: [{ variable: "NO_PROXY", value: "localhost" }] }, { reach: silent }),
    ).toEqual(["ok"]);
  });

  test("warns of a function that is frozen, also when mail leaves", () => {
    expect(kinds({ ...plain, platform: "vercel", serverless: true }, { walk: passedWalk() })).toEqual([
      "ok",
      "warn environment.serverless-frozen",
    ]);
  });

  test("says when the account goes through a proxy", () => {
    const proxied = settingOf("smtp.example.com", 587, {
      proxy: { kind: "socks5", host: "proxy.example", port: 1080 },
    });
    const findings = readMachine(factsOf(proxied, { machine: seen(plain), reach: silent }));
    expect(findings.map(({ detail }) => detail.en)[1]).toContain("through the proxy proxy.example:1080");
  });

  test("says when there was no time", () => {
    expect(
      readMachine(factsOf(setting, { machine: { seen: null, ms: 5, why: "cut" } })).map(
        ({ status }) => status,
      ),
    ).toEqual(["skipped"]);
  });
});

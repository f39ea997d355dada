// By what a machine gives away where it runs: firmware, variables of platforms, marks of containers. Pure.
import type { MachineFacts } from "../facts.ts";

/** Files of the firmware under /sys/class/dmi/id, readable by everybody unless said otherwise. Null where absent. */
export interface Firmware {
  readonly sysVendor: string | null;
  readonly productName: string | null;
  readonly chassisAssetTag: string | null;
  /** Root only. */
  readonly productSerial: string | null;
  /** Root only. */
  readonly productUuid: string | null;
  /** /sys/hypervisor/uuid, of Xen. */
  readonly hypervisorUuid: string | null;
  readonly commandLine: string | null;
}

export interface Mark {
  readonly platform: string;
  readonly by: string;
}

type FirmwareRule = readonly [platform: string, file: keyof Firmware, pattern: RegExp];

/** Rules of cloud-init's ds-identify but for Amazon's and Tencent's vendor, which are recalled. */
const firmwareRules: readonly FirmwareRule[] = [
  ["aws", "sysVendor", /^Amazon EC2$/],
  ["aws", "chassisAssetTag", /Amazon EC2/],
  ["aws", "hypervisorUuid", /^ec2/],
  ["aws", "productUuid", /^ec2/i],
  ["google-cloud", "productName", /^Google Compute Engine$/],
  ["google-cloud", "productSerial", /^GoogleCloud-/],
  ["azure", "chassisAssetTag", /^7783-7084-3265-9085-8269-3286-77$/],
  ["digitalocean", "sysVendor", /^DigitalOcean$/],
  ["hetzner", "sysVendor", /^Hetzner$/],
  ["vultr", "sysVendor", /^Vultr$/],
  ["linode", "sysVendor", /^(?:Linode|Akamai)$/],
  ["oracle", "chassisAssetTag", /^OracleCloud\.com$/],
  ["alibaba", "productName", /^Alibaba Cloud ECS$/],
  ["huawei", "chassisAssetTag", /^HUAWEICLOUD$/],
  ["scaleway", "sysVendor", /^Scaleway$/],
  ["scaleway", "commandLine", /scaleway/],
  ["upcloud", "sysVendor", /^UpCloud$/],
  ["tencent", "sysVendor", /^Tencent Cloud$/],
  ["exoscale", "productName", /^Exoscale/],
  ["cloudsigma", "productName", /^CloudSigma/],
  ["cloudstack", "productName", /^CloudStack/],
];

const fileNames: Readonly<Record<keyof Firmware, string>> = {
  sysVendor: "sys_vendor",
  productName: "product_name",
  chassisAssetTag: "chassis_asset_tag",
  productSerial: "product_serial",
  productUuid: "product_uuid",
  hypervisorUuid: "hypervisor uuid",
  commandLine: "kernel command line",
};

/** Serials and identities are not repeated. */
const shownValues: readonly (keyof Firmware)[] = ["sysVendor", "productName", "chassisAssetTag"];

/** Variables that platforms set for what they run; they come before the firmware, which shows the cloud below. */
const variables: readonly (readonly [variable: string, platform: string])[] = [
  ["RENDER", "render"],
  ["RAILWAY_PROJECT_ID", "railway"],
  ["RAILWAY_ENVIRONMENT", "railway"],
  ["FLY_APP_NAME", "fly"],
  ["DYNO", "heroku"],
  ["VERCEL", "vercel"],
  ["NETLIFY", "netlify"],
  ["GITPOD_WORKSPACE_ID", "gitpod"],
  ["AWS_LAMBDA_FUNCTION_NAME", "aws"],
  ["K_SERVICE", "google-cloud"],
  ["WEBSITE_SITE_NAME", "azure"],
];

/** Those of platforms that freeze a program between two requests. */
const freezing = ["VERCEL", "NETLIFY", "AWS_LAMBDA_FUNCTION_NAME", "K_SERVICE"] as const;

type Env = Readonly<Record<string, string | undefined>>;

/** Null for a machine that gives nothing away. */
export function platformBy(firmware: Firmware, env: Env): Mark | null {
  const variable = variables.find(([name]) => isSet(env, name));
  if (variable !== undefined) return { platform: variable[1], by: `${variable[0]} is set` };
  for (const [platform, file, pattern] of firmwareRules) {
    const value = firmware[file]?.trim();
    if (value === undefined || !pattern.test(value)) continue;
    return { platform, by: shownValues.includes(file) ? `${fileNames[file]} ${value}` : fileNames[file] };
  }
  return null;
}

export function isServerless(env: Env): boolean {
  return freezing.some((name) => isSet(env, name));
}

function isSet(env: Env, name: string): boolean {
  return (env[name] ?? "") !== "";
}

/** Files that containers leave marks in; null where absent. */
export interface ContainerMarks {
  /** /.dockerenv */
  readonly dockerenv: string | null;
  /** /run/.containerenv */
  readonly containerenv: string | null;
  /** /run/systemd/container: the name that the manager gave to systemd inside. */
  readonly systemd: string | null;
  /** /proc/1/cgroup */
  readonly cgroup: string | null;
  /** /proc/self/mountinfo */
  readonly mounts: string | null;
}

/** Kubernetes first: its containers are made by the others. */
export function containerBy(marks: ContainerMarks, env: Env): MachineFacts["container"] {
  const { dockerenv, containerenv, systemd, cgroup, mounts } = marks;
  if (isSet(env, "KUBERNETES_SERVICE_HOST") || /kubepods/.test(cgroup ?? "")) return "kubernetes";
  if (/\/kubelet\/pods\//.test(mounts ?? "")) return "kubernetes";
  if (dockerenv !== null || /\/docker[/-]/.test(cgroup ?? "")) return "docker";
  if (/\/docker\/containers\//.test(mounts ?? "")) return "docker";
  if (containerenv !== null || /libpod/.test(cgroup ?? "")) return "podman";
  const named = systemd?.trim() || env.container || "";
  if (named === "docker" || named === "podman") return named;
  if (/^lxc/.test(named) || /\/lxc[./]/.test(cgroup ?? "") || /lxcfs/.test(mounts ?? "")) return "lxc";
  return named === "" ? null : "other";
}

/** /proc/self/maps names the dynamic linker and the C library of this process. */
export function libcBy(maps: string | null): MachineFacts["system"]["libc"] {
  if (maps === null) return "other";
  if (/\/(?:ld-musl-|libc\.musl-)/.test(maps)) return "musl";
  return /\/libc(?:\.so\.6|-2\.\d+\.so)\b/m.test(maps) ? "glibc" : "other";
}

const proxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] as const;

/** Those that are set, in whichever case, without user names and passwords. */
export function proxiesOf(env: Env): MachineFacts["proxies"] {
  return proxyVariables
    .flatMap((name) => [name, name.toLowerCase()])
    .flatMap((variable) => {
      const value = env[variable]?.trim() ?? "";
      return value === "" ? [] : [{ variable, value: withoutUser(value) }];
    });
}

/** A password may hold an @ of its own, so everything up to the last one goes. */
function withoutUser(value: string): string {
  return value
    .split(",")
    .map((part) => part.replace(/^(\s*[a-z][a-z\d+.-]*:\/\/)?.*@/i, "$1***@"))
    .join(",");
}

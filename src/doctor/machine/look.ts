// Looks at the machine that this process runs on: its cloud, its container, its system, its proxies.
import { release, type } from "node:os";
import type { MachineFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";
import { containerBy, isServerless, libcBy, platformBy, proxiesOf } from "./marks.ts";
import { askMetadata } from "./metadata.ts";

/** Reads files and variables only. With `metadata`, a machine that gives nothing away asks the cloud's own service. */
export async function lookAtMachine(
  surroundings: Surroundings,
  { metadata }: { readonly metadata: boolean },
): Promise<MachineFacts> {
  const { read, env } = surroundings;
  const dmi = (name: string) => read(`/sys/class/dmi/id/${name}`);
  const [sysVendor, productName, chassisAssetTag, productSerial, productUuid, hypervisorUuid, commandLine] =
    await Promise.all([
      dmi("sys_vendor"),
      dmi("product_name"),
      dmi("chassis_asset_tag"),
      dmi("product_serial"),
      dmi("product_uuid"),
      read("/sys/hypervisor/uuid"),
      read("/proc/cmdline"),
    ]);
  const [dockerenv, containerenv, systemd, cgroup, mounts, maps, osRelease] = await Promise.all([
    read("/.dockerenv"),
    read("/run/.containerenv"),
    read("/run/systemd/container"),
    read("/proc/1/cgroup"),
    read("/proc/self/mountinfo"),
    read("/proc/self/maps"),
    read("/etc/os-release"),
  ]);
  const firmware = {
    sysVendor,
    productName,
    chassisAssetTag,
    productSerial,
    productUuid,
    hypervisorUuid,
    commandLine,
  };
  const mark = platformBy(firmware, env) ?? (metadata ? await askMetadata(surroundings) : null);
  return {
    platform: mark?.platform ?? null,
    platformBy: mark?.by ?? null,
    container: containerBy({ dockerenv, containerenv, systemd, cgroup, mounts }, env),
    serverless: isServerless(env),
    system: { name: nameOf(osRelease) ?? `${type()} ${release()}`, libc: libcBy(maps) },
    proxies: proxiesOf(env),
  };
}

/** os-release(5). */
function nameOf(osRelease: string | null): string | null {
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(osRelease ?? "")?.[1] ?? null;
}

// The kernel's tables of routes, as a machine, a container without a network and a broken one show them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasDefaultV4, hasDefaultV6, lookAtRoutes } from "./routes.ts";

const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const onLink = "eth0\t0000070A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";

test.each([
  ["a gateway", `${head}\neth0\t00000000\t0100070A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n`, true],
  ["the own network only", `${head}\n${onLink}\n`, false],
  ["nothing", `${head}\n`, false],
  ["a route that refuses", `${head}\n*\t00000000\t00000000\t0200\t0\t0\t100\t00000000\t0\t0\t0\n`, false],
  ["half of the world", `${head}\neth0\t00000000\t0100070A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n`, false],
])("IPv4: %s", (_, table, has) => {
  expect(hasDefaultV4(table)).toBe(has);
});

const zero = "0".repeat(32);
const line = (bits: string, flags: string, device: string) =>
  `${zero} ${bits} ${zero} 00 fd070000000000000000000000000001 00000400 00000001 00000000 ${flags}     ${device}\n`;

test.each([
  ["a gateway", line("00", "00000003", "eth0"), true],
  ["what every kernel has on lo", line("00", "00200200", "lo"), false],
  ["a network", line("40", "00000001", "eth0"), false],
  ["nothing", "", false],
])("IPv6: %s", (_, table, has) => {
  expect(hasDefaultV6(table)).toBe(has);
});

test("where the tables cannot be read, nothing is said; a kernel without IPv6 has none", async () => {
  expect(await lookAtRoutes({ read: async () => null })).toEqual({ v4: null, v6: null });
  const read = async (path: string) => (path === "/proc/net/route" ? head : null);
  expect(await lookAtRoutes({ read })).toEqual({ v4: false, v6: false });
});

test("no table is too odd to be read", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.oneof(fc.string(), fc.constantFrom("00000000", "0003", zero)))),
      (rows) => {
        const table = rows.map((row) => row.join("\t")).join("\n");
        expect(typeof hasDefaultV4(table)).toBe("boolean");
        expect(typeof hasDefaultV6(table)).toBe("boolean");
      },
    ),
  );
});

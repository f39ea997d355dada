import { defineConfig } from "vitest/config";

/** The long form of `faults`. */
const soak = process.env.POSTRIDER_SOAK === "1";

/** What needs root, network namespaces and Debian's programs, though it stands among others. */
const staged = "test/doctor/every_cause_is_named.test.ts";

/**
 * `npm` needs nothing but this package's dependencies; `faults` nothing else, but time; `debian` needs root and
 * programs from Debian's packages: mail servers, firewalls.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "npm",
          // Two cores are enough for two: half of a file's time it waits.
          maxWorkers: 2,
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["test/debian/**", "test/faults/**", staged],
          globalSetup: ["test/postgres/setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/faults/setup.ts"],
          testTimeout: soak ? 14_400_000 : 120_000,
          hookTimeout: 60_000,
          // What the long form measures must not be measured beside something else.
          maxWorkers: soak ? 1 : 2,
        },
      },
      {
        test: {
          name: "debian",
          include: ["test/debian/**/*.test.ts", staged],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // Of tests that are marked as concurrent; they wait for networks, more than they compute.
          maxConcurrency: 24,
        },
      },
    ],
  },
});

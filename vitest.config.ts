import { defineConfig } from "vitest/config";

/** `npm` needs nothing but this package's dependencies; `debian` needs mail servers from Debian's packages. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "npm",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["test/debian/**"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "debian",
          include: ["test/debian/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

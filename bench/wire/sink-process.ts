// The catcher as a sink: takes every message and keeps none.
import { startSandbox } from "../../src/sandbox/sandbox.ts";

const { endpoints } = await startSandbox({ catcher: null });
process.once("disconnect", () => process.exit());
process.send?.(endpoints[0]!.port);

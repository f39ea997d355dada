// Loaded before Postrider when it is profiled: its database's thread takes no flags of the program, so the profile of
// that thread has to be asked for where it is made. Named by --cpu-prof-dir, which this process has as well.
import { syncBuiltinESMExports } from "node:module";
import threads, { type WorkerOptions } from "node:worker_threads";

const flags = process.execArgv.filter((flag) => flag.startsWith("--cpu-prof"));

class ProfiledWorker extends threads.Worker {
  constructor(file: string | URL, options: WorkerOptions = {}) {
    super(file, { ...options, execArgv: [...(options.execArgv ?? []), ...flags] });
  }
}

threads.Worker = ProfiledWorker;
syncBuiltinESMExports();

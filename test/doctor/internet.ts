// Runs all servers of the stage in one process, in the namespace that the doctor's machines reach.

import type { Authority } from "../../src/sandbox/certificates.ts";
import type { Running } from "./case.ts";
import { staged } from "./cases/all.ts";
import { everybodys } from "./cases/everybodys.ts";
import { answerAll } from "./child.ts";
import { startNameServer } from "./name-server.ts";
import { refusedSignIns } from "./peers/smtp.ts";
import { plan } from "./plan.ts";

export type Order =
  | { readonly start: { readonly authority: Authority; readonly wanted: readonly number[] } }
  | { readonly count: "refused sign-ins" };

const running: Running[] = [];

process.once("exit", () => {
  for (const one of running) void one.close();
});

answerAll<Order>(async (order) => {
  if (!("start" in order)) return refusedSignIns();
  const { authority, wanted } = order.start;
  const played = wanted.map((index) => staged[index]!);
  const { placed, worlds } = plan(everybodys(played), played);
  const started: Promise<Running>[] = [];
  for (const { site, v4, v6 } of placed)
    for (const [port, service] of Object.entries(site.services))
      for (const address of v6 === null ? [v4] : [v4, v6])
        started.push(
          service({ host: site.host, address, port: Number(port), authority }).catch((error: Error) => {
            throw new Error(`${site.host} port ${port}: ${error.message}`, { cause: error });
          }),
        );
  for (const world of worlds) started.push(startNameServer(world));
  running.push(...(await Promise.all(started)));
});

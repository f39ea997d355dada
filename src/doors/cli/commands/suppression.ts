// `postrider suppression`: addresses that nothing is sent to any more.
import { Command, Option } from "commander";
import { type CommonFlags, withApi, withCommon } from "../common.ts";
import { plain } from "../output.ts";

interface ShownSuppression {
  readonly address: string;
  readonly reason: string;
  readonly detail: string;
  readonly messageId: string | null;
  readonly at: string;
}

const at = (address: string) => `/api/v1/suppressions/${encodeURIComponent(address)}`;

export function suppressionCommand(): Command {
  const command = new Command("suppression")
    .summary("addresses that nothing is sent to any more")
    .description(
      "An address comes onto the list when a server says that it does not exist, or by hand. Mail to it is accepted and not sent.",
    );

  command.addCommand(
    withCommon(new Command("list").summary("the list, in order of address"))
      .option("--limit <number>", "how many, 1 to 1000", "100")
      .option("--after <address>", "continue after this address")
      .action(async (flags: CommonFlags & { limit: string; after?: string }) => {
        const query = new URLSearchParams({ limit: flags.limit });
        if (flags.after !== undefined) query.set("after", flags.after);
        await withApi(flags, async (api, out) => {
          const page = await api.request<{ data: ShownSuppression[]; next: string | null }>(
            "GET",
            `/api/v1/suppressions?${query}`,
          );
          out.data(page);
          if (page.data.length === 0) return out.line("Nothing is on the suppression list.");
          out.table([
            ["ADDRESS", "REASON", "SINCE", "WHAT WAS HEARD"].map((title) => out.paint("dim", title)),
            ...page.data.map(({ address, reason, detail, at: since }) => [
              plain(address),
              reason,
              since.slice(0, 10),
              plain(detail),
            ]),
          ]);
          if (page.next !== null)
            out.line(out.paint("dim", `More: postrider suppression list --after ${plain(page.next)}`));
        });
      }),
  );

  command.addCommand(
    withCommon(new Command("add").summary("send nothing to an address any more").argument("<address>"))
      .addOption(
        new Option("--reason <why>", "how it came here")
          .choices(["manual", "complaint", "hard-bounce"])
          .default("manual"),
      )
      .option("--detail <text>", "a note for later")
      .action(async (address: string, flags: CommonFlags & { reason: string; detail?: string }) => {
        const { reason, detail } = flags;
        await withApi(flags, async (api, out) => {
          const entry = await api.request<ShownSuppression>("PUT", at(address), {
            reason,
            ...(detail === undefined ? {} : { detail }),
          });
          out.data(entry);
          out.line(`Nothing is sent to ${plain(entry.address)} any more.`);
        });
      }),
  );

  command.addCommand(
    withCommon(new Command("remove").summary("take an address from the list").argument("<address>")).action(
      async (address: string, flags: CommonFlags) => {
        await withApi(flags, async (api, out) => {
          out.data(await api.request("DELETE", at(address)));
          out.line(`New mail to ${plain(address)} is sent again.`);
          out.line(
            out.paint("dim", "What was not sent: postrider messages list --state suppressed, then retry."),
          );
        });
      },
    ),
  );
  return command;
}

// `postrider prune`: removes what is no longer kept, without waiting for the server's own round of it.
import { Command } from "commander";
import { type CommonFlags, withApi, withCommon } from "../common.ts";

interface Removed {
  readonly contents: number;
  readonly transcripts: number;
  readonly messages: number;
  readonly idempotencyKeys: number;
}

export function pruneCommand(): Command {
  return withCommon(
    new Command("prune")
      .summary("remove what is no longer kept, now")
      .description(
        "A server does so by itself every few minutes. `postrider serve --help` says how long what is kept.",
      ),
  ).action(async (flags: CommonFlags) => {
    await withApi(flags, async (api, out) => {
      let removed: Removed = { contents: 0, transcripts: 0, messages: 0, idempotencyKeys: 0 };
      for (let more = true; more; ) {
        // One request takes a minute at most.
        const round = await api.request<Removed & { more: boolean }>("POST", "/api/v1/prune");
        removed = {
          contents: removed.contents + round.contents,
          transcripts: removed.transcripts + round.transcripts,
          messages: removed.messages + round.messages,
          idempotencyKeys: removed.idempotencyKeys + round.idempotencyKeys,
        };
        more = round.more;
      }
      out.data(removed);
      if (Object.values(removed).every((count) => count === 0))
        return out.line("There was nothing to remove.");
      out.line("Removed:");
      out.table([
        ["  contents of messages", String(removed.contents)],
        ["  transcripts", String(removed.transcripts)],
        ["  messages", String(removed.messages)],
        ["  idempotency keys", String(removed.idempotencyKeys)],
      ]);
    });
  });
}

// Who may do how much for an account at one time.
import { decideShare, type Holder, lastHeld, letGo } from "../../shares.ts";
import type { Share, ShareRequest, Shares } from "../../store.ts";
import type { Engine } from "../engine.ts";
import { sql } from "../sql.ts";

/**
 * A part that stays as it is, which is nearly always, is renewed without waiting for the disk: what a crash of the
 * server forgets of it is renewed again a second later. One that changes is on stable storage before it is used.
 */
export function holdShare({ database }: Engine, request: ShareRequest): Promise<Share> {
  const { account, owner, now } = request;
  return database.transaction(async (session) => {
    await session.rows(sql.lockAccount, [`share ${account}`]);
    const rows = (await session.rows<{ held: Holder }>(sql.sharesOf, [account])).map(({ held }) => held);
    const { share, row } = decideShare(request, rows);
    const before = rows.find((one) => one.owner === owner);
    const same = before?.connections === row.connections && before.perSecond === row.perSecond;
    if (same) await session.rows(sql.commitWithoutWaiting, []);
    await session.rows(sql.putShare, [account, owner, JSON.stringify(row)]);
    for (const { owner: gone, until, beforeUntil } of rows) {
      if (gone !== owner && Math.max(until, beforeUntil) <= lastHeld(now))
        await session.rows(sql.deleteShare, [account, gone]);
    }
    return share;
  });
}

export async function releaseShare(
  { database }: Engine,
  { account, owner, now }: Parameters<Shares["release"]>[0],
): Promise<void> {
  await database.transaction(async (session) => {
    await session.rows(sql.lockAccount, [`share ${account}`]);
    const rows = (await session.rows<{ held: Holder }>(sql.sharesOf, [account])).map(({ held }) => held);
    const own = rows.find((row) => row.owner === owner);
    if (own !== undefined)
      await session.rows(sql.putShare, [account, owner, JSON.stringify(letGo(own, now))]);
  });
}

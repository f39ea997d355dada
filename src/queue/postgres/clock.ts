// The time by the database's clock.
import type { Instant } from "../store.ts";
import type { Rows } from "./database.ts";

const sql = {
  name: "get_time",
  text: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now",
};

/** The best of three looks: what was read, and half the way there and back, as the answer was under way that long. */
export async function databaseTime(database: Rows): Promise<Instant> {
  let best = Number.POSITIVE_INFINITY;
  let time = 0;
  let at = 0;
  for (let look = 0; look < 3; look += 1) {
    const asked = performance.now();
    const [row] = await database.rows<{ readonly now: number }>(sql, []);
    const heard = performance.now();
    if (row === undefined || heard - asked >= best) continue;
    best = heard - asked;
    time = row.now + best / 2;
    at = heard;
  }
  return Math.round(time + (performance.now() - at));
}

// The clock that all processes of the bench share.

/** Milliseconds of the machine's monotonic clock: instants of different processes can be compared. */
export function instant(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** How far a database had got: what was visible at a moment. */
export interface DatabasePosition {
  /** PostgreSQL's identifier of the database cluster. A server and its standbys have the same one. */
  readonly database: string;
  /** Incremented with each failover. Positions of different timelines cannot be compared: commits of the one may be missing on the other. */
  readonly timeline: number;
  /** When the server started, in microseconds since 1970. Positions of different starts cannot be compared: a crash reuses transaction IDs. */
  readonly startedAt: string;
  /** Position in the write-ahead log, in bytes. Everything visible lies at or before it, but not everything at or before it was visible. */
  readonly lsn: bigint;
  /** The first transaction ID of which no later one had ended. */
  readonly xmax: bigint;
  /** Number of the transactions before `xmax` that had not ended. */
  readonly running: number;
}

export const textOfPosition = ({ database, timeline, startedAt, lsn, xmax, running }: DatabasePosition): string =>
  [database, timeline, startedAt, lsn, xmax, running].join(":");

/** Reads what `textOfPosition` has written. Undefined if it is something else. */
export function positionOfText(text: string): DatabasePosition | undefined {
  if (!/^(?:\d{1,20}:){5}\d{1,8}$/.test(text)) return undefined;
  const [database = "", timeline = "", startedAt = "", lsn = "", xmax = "", running = ""] = text.split(":");
  return { database, timeline: Number(timeline), startedAt, lsn: BigInt(lsn), xmax: BigInt(xmax), running: Number(running) };
}

/**
 * Whether everything that was visible at the other position was visible at the first one. False if they cannot be compared.
 *
 * A commit is in the write-ahead log before it is visible, and waits in between for the disk and for standbys. So positions in the log do not tell. But each
 * end of a transaction either makes `xmax` larger, or is one of those that were running before it.
 */
export function includes(position: DatabasePosition, other: DatabasePosition): boolean {
  if (position.database !== other.database || position.timeline !== other.timeline || position.startedAt !== other.startedAt) return false;
  return position.xmax > other.xmax || (position.xmax === other.xmax && position.running <= other.running);
}

/**
 * Whether the server at a position has what was visible at the other one, or will never have it: another database has received everything of the tenant before
 * it took over, and after a failover, what the new server does not have is lost.
 */
export function hasReached(position: DatabasePosition, other: DatabasePosition): boolean {
  if (position.database !== other.database) return true;
  return position.timeline === other.timeline ? position.lsn >= other.lsn : position.timeline > other.timeline;
}

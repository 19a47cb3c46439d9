/** How far a database had got: everything that was committed before it lies at or before it. */
export interface DatabasePosition {
  /** PostgreSQL's identifier of the database cluster. A primary and its standbys have the same one. Positions of different clusters cannot be compared. */
  readonly database: string;
  /** Position in the write-ahead log, in bytes. */
  readonly lsn: bigint;
}

export const textOfPosition = ({ database, lsn }: DatabasePosition): string => `${database}:${lsn}`;

/** Reads what `textOfPosition` has written. Undefined if it is something else. */
export function positionOfText(text: string): DatabasePosition | undefined {
  const [, database, lsn] = /^(\d{1,20}):(\d{1,20})$/.exec(text) ?? [];
  return database === undefined || lsn === undefined ? undefined : { database, lsn: BigInt(lsn) };
}

/** Whether a state at the first position includes everything up to the second one. False if they cannot be compared. */
export const includes = (position: DatabasePosition, other: DatabasePosition): boolean =>
  position.database === other.database && position.lsn >= other.lsn;

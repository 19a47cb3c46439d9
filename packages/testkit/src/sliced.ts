import type postgres from "postgres";

/** Rows that come in so many slices; between them others come, as they do where many tenants work at once. */
export interface Sliced {
  readonly slices: number;
  readonly between: (tx: postgres.TransactionSql, slice: number) => Promise<void>;
}

/**
 * Writes rows past the engine, from 0 to `count`. Keys that point at nobody are nobody's business here, and a trigger for each row would take minutes: neither is
 * looked at.
 */
export async function inSlices(
  sql: postgres.Sql,
  count: number,
  sliced: Sliced = { slices: 1, between: () => Promise.resolve() },
  write: (tx: postgres.TransactionSql, from: number, to: number) => Promise<void>,
): Promise<void> {
  const { slices, between } = sliced;
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`set local synchronous_commit = off`;
    for (let slice = 0; slice < slices; slice++) {
      await write(tx, Math.floor((count * slice) / slices), Math.floor((count * (slice + 1)) / slices));
      await between(tx, slice);
    }
  });
}

/** What a server does by and by: statistics, and pages that all may see. */
export async function settle(sql: postgres.Sql): Promise<void> {
  for (const table of ["instances", "instance_fields", "instance_words", "tasks", "task_candidates"])
    await sql.unsafe(`vacuum analyze workflows.${table}`);
  await sql`checkpoint`;
}

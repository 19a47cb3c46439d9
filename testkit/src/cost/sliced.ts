import type { postgres } from "@weft/pg-driver";

/** Rows are written in this many slices. Other rows are written in between, as happens when many tenants work at the same time. */
export interface Sliced {
  readonly slices: number;
  readonly between: (tx: postgres.TransactionSql, slice: number) => Promise<void>;
}

/**
 * Writes rows from 0 to `count`, bypassing the engine. Foreign keys are not checked, because missing references do not matter here. Triggers do not
 * run, because one per row would take minutes.
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

const settled = {
  app: ["search_words"],
  workflows: ["instances", "instance_fields", "instance_words", "tasks", "task_candidates", "sla_clocks"],
  requests: ["requests", "request_types", "assets", "asset_types", "buildings"],
  audit: ["entries", "notifications"],
};

/** Does what a server does over time: updates statistics and marks pages as all-visible. */
export async function settle(sql: postgres.Sql): Promise<void> {
  for (const [schema, tables] of Object.entries(settled)) for (const table of tables) await sql.unsafe(`vacuum analyze ${schema}.${table}`);
  await sql`checkpoint`;
}

/** Reads and writes the chains of escalations, with the timer of their next level. */
import { escalations as tables } from "@weft/drizzle";
import { named, newId, type Tx } from "@weft/shared";
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";

const { escalationRuns } = tables;

export type RunRow = typeof escalationRuns.$inferSelect;

/** A chain to write. `timer`: the time of its next level; null: none is pending; absent: as it was. */
export type RunWrite = { readonly row: RunRow; readonly timer?: { readonly dueAt: string; readonly state: string } | null };

/** Returns the chains of an instance, oldest first: those that have not ended, or all. Others cannot change them until the transaction ends. */
export function lockRuns(tx: Tx, instanceId: string, { withEnded }: { readonly withEnded: boolean }): Promise<RunRow[]> {
  const where = and(eq(escalationRuns.instanceId, instanceId), withEnded ? undefined : isNull(escalationRuns.endedAt));
  return named(
    "lockEscalationRuns",
    tx.select().from(escalationRuns).where(where).orderBy(asc(escalationRuns.startedAt), asc(escalationRuns.id)).for("update"),
  );
}

/** Returns the chains of SLA clocks, also those that have ended. */
export function lockRunsOfClocks(tx: Tx, clockIds: readonly string[]): Promise<RunRow[]> {
  return named(
    "lockEscalationRunsOfClocks",
    tx
      .select()
      .from(escalationRuns)
      .where(inArray(escalationRuns.clockId, [...clockIds]))
      .orderBy(asc(escalationRuns.startedAt), asc(escalationRuns.id))
      .for("update"),
  );
}

export async function lockRun(tx: Tx, id: string): Promise<RunRow | null> {
  const [row] = await named("lockEscalationRun", tx.select().from(escalationRuns).where(eq(escalationRuns.id, id)).for("update"));
  return row ?? null;
}

/** Counts a level before it is done: it is not due again, whatever it does. */
export async function advanceRun(tx: Tx, id: string, nextLevel: number): Promise<void> {
  await named("advanceEscalationRun", tx.update(escalationRuns).set({ nextLevel }).where(eq(escalationRuns.id, id)));
}

/** Writes chains, and sets the timers of their next levels. */
export async function writeRuns(
  tx: Tx,
  instance: { readonly id: string; readonly version: number },
  writes: readonly RunWrite[],
): Promise<void> {
  if (writes.length === 0) return;
  // Chains that end come first: another one of the same name can begin in the same change.
  const rows = writes.map(({ row }) => row).toSorted((a, b) => Number(a.endedAt === null) - Number(b.endedAt === null));
  const cleared = writes.filter(({ timer }) => timer !== undefined).map(({ row }) => row.id);
  const set = writes.flatMap(({ row, timer }) =>
    timer ? [{ id: newId(), name: row.chain, taskId: row.taskId, payload: { runId: row.id, level: row.nextLevel }, ...timer }] : [],
  );
  await tx.execute(
    named(
      "writeEscalationRuns",
      sql`with runs as (
          insert into workflows.escalation_runs (tenant_id, id, instance_id, definition_key, chain, title, anchor, task_id, clock_id, anchored_at,
            next_level, depth, started_at, ended_at, end_reason)
          select app.tenant(), n.id, n."instanceId", n."definitionKey", n.chain, n.title, n.anchor, n."taskId", n."clockId", n."anchoredAt",
            n."nextLevel", n.depth, n."startedAt", n."endedAt", n."endReason"
          from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as (id uuid, "instanceId" uuid, "definitionKey" text, chain text,
            title text, anchor text, "taskId" uuid, "clockId" uuid, "anchoredAt" timestamptz, "nextLevel" integer, depth integer, "startedAt" timestamptz,
            "endedAt" timestamptz, "endReason" text)) with ordinality as n(id, "instanceId", "definitionKey", chain, title, anchor, "taskId", "clockId",
            "anchoredAt", "nextLevel", depth, "startedAt", "endedAt", "endReason", place)
          order by n.place
          on conflict on constraint escalation_runs_pkey do update
            set title = excluded.title, task_id = excluded.task_id, anchored_at = excluded.anchored_at, next_level = excluded.next_level,
                depth = excluded.depth, ended_at = excluded.ended_at, end_reason = excluded.end_reason
        ), cleared as (
          update workflows.timers t set status = 'CLEARED', ended_at = app.weft_now(), version = t.version + 1
           where t.tenant_id = app.tenant() and t.instance_id = ${instance.id}::uuid and t.kind = 'ESCALATION' and t.status = 'ARMED'
             and (t.payload->>'runId')::uuid = any(${sql.param(cleared)}::uuid[])
        )
        insert into workflows.timers (tenant_id, id, instance_id, task_id, kind, name, state, due_at, armed_at_version, payload, created_at)
        select app.tenant(), s.id, ${instance.id}::uuid, s."taskId", 'ESCALATION', s.name, s.state, s."dueAt", ${instance.version}::int, s.payload,
          app.weft_now()
          from jsonb_to_recordset(${JSON.stringify(set)}::text::jsonb) as s(id uuid, name text, "taskId" uuid, state text, "dueAt" timestamptz, payload jsonb)`,
    ),
  );
}

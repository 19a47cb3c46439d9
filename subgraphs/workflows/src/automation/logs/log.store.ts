import { automation } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, between, eq, sql } from "drizzle-orm";

const { runLogs } = automation;

export type RunLogRow = typeof runLogs.$inferSelect;

/** What of a run decides whether its log can grow, and what its events say. */
export type LogHead = {
  readonly lines: number;
  readonly bytes: number;
  readonly instanceId: string;
  readonly instanceVersion: number;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
};

/** Locks a run that has not ended, so that its lines are numbered in the order of their commits. Null: it has ended. */
export async function lockLog(tx: Tx, runId: string): Promise<LogHead | null> {
  const [row] = await tx.execute<LogHead>(
    named(
      "lockRunLog",
      sql`select r.log_lines as lines, r.log_bytes as bytes, r.instance_id as "instanceId", i.version as "instanceVersion",
             i.subject_type as "subjectType", i.subject_id as "subjectId"
        from workflows.runs r join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
       where r.tenant_id = app.tenant() and r.id = ${runId}::uuid and r.finished_at is null for update of r`,
    ),
  );
  return row ?? null;
}

export type NewLogRow = Pick<RunLogRow, "id" | "line" | "step" | "attempt" | "stream" | "text" | "at">;

export async function insertLines(
  tx: Tx,
  { runId, rows, bytes }: { readonly runId: string; readonly rows: readonly NewLogRow[]; readonly bytes: number },
): Promise<void> {
  await tx.execute(
    named(
      "insertRunLog",
      sql`with counted as (
        update workflows.runs r set log_lines = r.log_lines + ${rows.length}::int, log_bytes = ${bytes}::int
         where r.tenant_id = app.tenant() and r.id = ${runId}::uuid
      )
      insert into workflows.run_logs (tenant_id, run_id, line, id, step, attempt, stream, text, at)
      select app.tenant(), ${runId}::uuid, l.line, l.id, l.step, l.attempt, l.stream, l.text, l.at
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as l(
          line integer, id uuid, step text, attempt integer, stream text, text text, at timestamptz)`,
    ),
  );
}

/** Returns at most `slice.limit` lines of each run that was already checked to be visible. */
export const listLines = (
  tx: Tx,
  runIds: readonly string[],
  { step, slice }: { readonly step: string | null; readonly slice: KeysetSlice },
): Promise<RunLogRow[]> =>
  rowsOfEach(tx, "listRunLogs", runLogs, {
    parent: runLogs.runId,
    parentIds: runIds,
    where: step === null ? undefined : eq(runLogs.step, step),
    slice,
  });

/** Returns some consecutive lines of a run that was already checked to be visible. */
export const selectLines = (
  tx: Tx,
  { runId, from, to }: { readonly runId: string; readonly from: number; readonly to: number },
): Promise<RunLogRow[]> =>
  named(
    "selectRunLines",
    tx
      .select()
      .from(runLogs)
      .where(and(eq(runLogs.tenantId, sql`app.tenant()`), eq(runLogs.runId, runId), between(runLogs.line, from, to)))
      .orderBy(runLogs.line),
  );

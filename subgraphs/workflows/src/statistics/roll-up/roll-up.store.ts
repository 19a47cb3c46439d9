import { arrayOf, named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { textOf, type Cell, type CellKey, type Cells } from "./cells.js";
import { addSketch, emptySketch, pack, type DurationSketch, type PackedSketch } from "./duration-sketch.js";
import type { CountedInstance, Step } from "./facts.js";

/** How an instance is counted in the roll-up. */
export interface Mark {
  readonly version: number;
  readonly definitionId: string;
  readonly teamId: string | null;
  readonly state: string;
  readonly status: string;
  readonly isFinished: boolean;
  readonly enteredAt: number;
}

export interface Counted {
  readonly instance: CountedInstance;
  /** Null if the instance has not been counted. */
  readonly mark: Mark | null;
}

/** Milliseconds since 1970. */
const ms = (column: string) => sql.raw(`round(extract(epoch from ${column}) * 1000)::float8`);

/** Columns of `CountedInstance`, for statements with `workflows.instances i`. */
const instanceColumns = sql`i.id, i.definition_id as "definitionId", i.team_id as "teamId", i.environment, i.state, i.status, i.version,
  ${ms("i.created_at")} as "createdAt", ${ms("i.finished_at")} as "finishedAt",
  case when i.finished_at is not null then (
    select d.document->'states'->i.state->>'final' from workflows.definitions d where d.tenant_id = i.tenant_id and d.id = i.definition_id
  ) end as final`;

/** Returns instances as they are now and as they are counted. */
export async function selectCounted(tx: Tx, ids: readonly string[]): Promise<Counted[]> {
  const rows = await tx.execute<{ mark: Mark | null } & CountedInstance & Record<string, unknown>>(
    named(
      "selectCounted",
      sql`select ${instanceColumns}, case when m.instance_id is not null then jsonb_build_object(
            'version', m.version, 'definitionId', m.definition_id, 'teamId', m.team_id, 'state', m.state, 'status', m.status,
            'isFinished', m.is_finished, 'enteredAt', ${ms("m.entered_at")}) end as mark
        from unnest(${arrayOf(ids, "uuid")}) as w(id)
        cross join lateral (select * from workflows.instances i where i.tenant_id = app.tenant() and i.id = w.id limit 1) i
        left join lateral (select * from workflows.statistics_instances m where m.tenant_id = app.tenant() and m.instance_id = w.id limit 1) m on true`,
    ),
  );
  return rows.map(({ mark, ...instance }) => ({ instance, mark }));
}

/** Returns a page of the instances that match a condition, in the order of their IDs, as they are now. */
export async function selectInstancesToCount(
  tx: Tx,
  { where, afterId, limit }: { readonly where: ReturnType<typeof sql>; readonly afterId: string | null; readonly limit: number },
): Promise<(CountedInstance & { readonly assigneeUserId: string | null; readonly assigneeVendorId: string | null })[]> {
  const rows = await tx.execute<
    CountedInstance & { readonly assigneeUserId: string | null; readonly assigneeVendorId: string | null } & Record<string, unknown>
  >(
    named(
      "selectInstancesToCount",
      sql`select ${instanceColumns}, i.assignee_user_id as "assigneeUserId", i.assignee_vendor_id as "assigneeVendorId"
        from (select "instances".* from workflows.instances where ${where} and (${afterId}::uuid is null or "instances".id > ${afterId}::uuid)
               order by "instances".id limit ${limit}::integer) i order by i.id`,
    ),
  );
  return [...rows];
}

/** Versions of an instance's history to read: after `from`, up to `to`. */
export interface Versions {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** Returns the steps of instances that change their state or complete a task, in order. */
export async function selectSteps(tx: Tx, versions: readonly Versions[]): Promise<Map<string, Step[]>> {
  const steps = new Map<string, Step[]>();
  if (versions.length === 0) return steps;
  const rows = await tx.execute<{ instanceId: string } & Step & Record<string, unknown>>(
    named(
      "selectSteps",
      sql`select h.instance_id as "instanceId", h.version, h.kind, h.transition, h.to_state as "toState", ${ms("h.at")} as at, h.task_id as "taskId",
            h.actor_id as "actorId"
        from unnest(${arrayOf(
          versions.map(({ id }) => id),
          "uuid",
        )}, ${arrayOf(
          versions.map(({ from }) => from),
          "integer",
        )},
                    ${arrayOf(
                      versions.map(({ to }) => to),
                      "integer",
                    )}) as w(id, first, last)
        cross join lateral (
          select * from workflows.history h
           where h.tenant_id = app.tenant() and h.instance_id = w.id and h.version > w.first and h.version <= w.last
             and (h.kind in ('START', 'TRANSITION', 'ROLLBACK', 'CANCELLATION', 'MIGRATION') or h.task_id is not null
                  or h.from_state is distinct from h.to_state)
           order by h.version offset 0) h`,
    ),
  );
  for (const { instanceId, ...step } of rows) {
    const list = steps.get(instanceId);
    if (list) list.push(step);
    else steps.set(instanceId, [step]);
  }
  return steps;
}

/** Adds cells to those of the table. Another transaction that rolls up the same tenant would have to wait, because the consumer's cursor is locked. */
export async function addCells(tx: Tx, cells: Cells): Promise<void> {
  if (cells.size === 0) return;
  const stored = await selectSketches(
    tx,
    [...cells.values()].filter(({ durations }) => durations.size > 0),
  );
  // In the order of the key, so that two transactions could not deadlock.
  const rows = [...cells.values()]
    .toSorted((a, b) => (textOf(a.key) < textOf(b.key) ? -1 : 1))
    .map(({ key, counts, durations, ms: sum }) => ({
      ...key,
      counts: Object.fromEntries(counts),
      durations: durations.size === 0 ? null : withDurations(stored.get(textOf(key)), durations),
      ms: Math.round(sum),
    }));
  await tx.execute(
    named(
      "addCells",
      sql`insert into workflows.statistics as s (tenant_id, team_id, span, starts_at, definition_id, environment, state, counts, durations, ms)
        select app.tenant(), n."teamId", n.span, to_timestamp(n.start), n."definitionId", n.environment, n.state, n.counts,
               decode(n.durations, 'base64'), n.ms
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(
            "teamId" uuid, span integer, start bigint, "definitionId" uuid, environment text, state text, counts jsonb, durations text, ms bigint)
        on conflict on constraint statistics_pkey do update
          set counts = workflows.add_counts(s.counts, excluded.counts), durations = coalesce(excluded.durations, s.durations), ms = s.ms + excluded.ms`,
    ),
  );
}

/** Returns the stored sketches of cells, by the text of their key. */
async function selectSketches(tx: Tx, cells: readonly Cell[]): Promise<Map<string, PackedSketch>> {
  if (cells.length === 0) return new Map();
  const rows = await tx.execute<CellKey & { durations: Uint8Array } & Record<string, unknown>>(
    named(
      "selectSketches",
      sql`select n."teamId", n.span, n.start::float8 as start, n."definitionId", n.environment, n.state, s.durations
          from jsonb_to_recordset(${JSON.stringify(cells.map(({ key }) => key))}::jsonb) as n(
            "teamId" uuid, span integer, start bigint, "definitionId" uuid, environment text, state text)
         cross join lateral (
           select s.durations from workflows.statistics s
            where s.tenant_id = app.tenant() and s.durations is not null and s.team_id = n."teamId" and s.span = n.span and s.starts_at = to_timestamp(n.start)
              and s.definition_id = n."definitionId" and s.environment = n.environment and s.state = n.state
           limit 1) s`,
    ),
  );
  return new Map(rows.map(({ durations, ...key }) => [textOf(key), durations]));
}

function withDurations(stored: PackedSketch | undefined, durations: DurationSketch): string {
  const sum = emptySketch();
  if (stored) addSketch(sum, stored);
  addSketch(sum, durations);
  return Buffer.from(pack(sum)).toString("base64");
}

/** Remembers how instances are counted. */
export async function writeMarks(tx: Tx, marks: readonly (Mark & { readonly id: string })[]): Promise<void> {
  if (marks.length === 0) return;
  await tx.execute(
    named(
      "writeMarks",
      sql`insert into workflows.statistics_instances as m (tenant_id, instance_id, version, definition_id, team_id, state, status, is_finished, entered_at)
        select app.tenant(), n.id, n.version, n."definitionId", n."teamId", n.state, n.status, n."isFinished", to_timestamp(n."enteredAt" / 1000.0)
          from jsonb_to_recordset(${JSON.stringify(marks)}::jsonb) as n(
            id uuid, version integer, "definitionId" uuid, "teamId" uuid, state text, status text, "isFinished" boolean, "enteredAt" float8)
        on conflict on constraint statistics_instances_pkey do update
          set version = excluded.version, definition_id = excluded.definition_id, team_id = excluded.team_id, state = excluded.state,
              status = excluded.status, is_finished = excluded.is_finished, entered_at = excluded.entered_at`,
    ),
  );
}

/** A row of the table. */
export type CellRow = Omit<Cell, "key" | "counts" | "durations"> & {
  readonly definitionId: string;
  readonly teamId: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly durations: PackedSketch | null;
};

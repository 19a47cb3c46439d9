/** Reads everything that is needed to plan the migration of many instances: a few statements, whatever their number. */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, inArray, sql } from "drizzle-orm";
import type { Machine } from "../../core/model/machine.js";
import type { MigratingSnapshot } from "../../core/migration/plan.js";
import { mappedStep, type MigrationMapping } from "../../core/migration/mapping.js";
import { separates } from "../../core/migration/weaker-rules.js";
import type { MigratingTask } from "../../core/migration/tasks.js";
import type { DoneBy, SnapshotVote } from "../../core/model/snapshot.js";
import { readChildrenOf } from "../children/children.js";
import { readOpenTasks, snapshotOf, type OpenTask } from "../model/snapshot.js";
import { type InstanceHead, taskColumns, type TaskRow } from "../model/instance-head.js";
import { readVotesBeside } from "../votes/votes.js";
import { readManyCalendars } from "../calendar/calendars.js";
import type { Calendars } from "../../core/model/calendar.js";

const { tasks } = workflows;

/** How instances get from one version to another. */
export type PreparedMigration = {
  readonly from: Machine | null;
  readonly to: Machine;
  readonly toId: string;
  readonly mapping: MigrationMapping;
};

/** An instance with everything that its migration depends on. */
export type MigratingRead = {
  readonly head: InstanceHead;
  readonly openTasks: readonly OpenTask[];
  readonly rows: readonly TaskRow[];
  readonly snapshot: MigratingSnapshot;
  readonly doneBy: DoneBy;
  /** Who took part in it; read only if the old version separates duties anywhere. */
  readonly involved: readonly string[];
  readonly now: string;
  /** null if the new version uses none. */
  readonly calendars: Calendars | null;
};

/** @param lock keeps the open tasks unchanged until commit; for one instance, whose own row is locked */
export async function readMigrating(
  tx: Tx,
  migration: PreparedMigration,
  heads: readonly InstanceHead[],
  lock: "lock" | "look" = "look",
): Promise<MigratingRead[]> {
  if (heads.length === 0) return [];
  const ids = heads.map(({ id }) => id);
  const rows = Map.groupBy(await selectOpenRows(tx, ids, lock), (row) => row.instanceId);
  const { now, tasks: open } = await readOpenTasks(tx, ids);
  const votes = await readVotesOf(tx, migration, heads, rows);
  const steps = await readSteps(tx, migration, ids);
  const involved = migration.from && separates(migration.from) ? await readInvolved(tx, ids) : new Map<string, string[]>();
  const children = await readChildrenOf(tx, migration.to, heads);
  const calendars = migration.to.usesCalendars ? await readManyCalendars(tx, heads) : [];
  return heads.map((head, index) => {
    const own = rows.get(head.id) ?? [];
    const openTasks = open.get(head.id) ?? [];
    const beside = { votes: votes.get(head.id), children: children.get(head.id) };
    const snapshot = { ...snapshotOf(head, openTasks), openTasks: own.map(migrating), isClosed: head.closedAt !== null, ...beside };
    return {
      head,
      openTasks,
      rows: own,
      snapshot,
      doneBy: steps.get(head.id) ?? {},
      involved: involved.get(head.id) ?? [],
      now,
      calendars: calendars[index] ?? null,
    };
  });
}

function migrating(row: TaskRow): MigratingTask {
  const {
    id,
    rule,
    state,
    title,
    assigneeId,
    candidateRoles,
    candidateUserIds,
    candidateTeamIds,
    candidateVendorIds,
    copy,
    delegatedFrom,
    dueAt,
  } = row;
  const candidates = { candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds };
  return { id, rule, state, title, assigneeId, ...candidates, copy, delegatedFrom, openedAt: row.createdAt, dueAt };
}

export function selectOpenRows(tx: Tx, instanceIds: readonly string[], lock: "lock" | "look"): Promise<TaskRow[]> {
  const query = tx
    .select(taskColumns)
    .from(tasks)
    .where(and(among(tasks.instanceId, instanceIds), inArray(tasks.status, ["OPEN", "CLAIMED"])))
    .orderBy(tasks.id);
  return lock === "lock" ? named("lockOpenRows", query.for("update")) : named("selectOpenRows", query);
}

/** By instance; only for those in a state of the old version that decides by votes. */
async function readVotesOf(
  tx: Tx,
  { from }: PreparedMigration,
  heads: readonly InstanceHead[],
  rows: ReadonlyMap<string, readonly TaskRow[]>,
): Promise<ReadonlyMap<string, readonly SnapshotVote[]>> {
  const taskOf = new Map(
    heads.flatMap(({ id, state }): (readonly [string, string])[] => {
      // For a version that can no longer be read, it is unknown which states decide by votes.
      const decides = from === null || from.states.get(state)?.decide;
      const task = decides ? rows.get(id)?.find((row) => row.state === state) : undefined;
      return task ? [[id, task.id]] : [];
    }),
  );
  const votes = await readVotesBeside(tx, [...taskOf.values()]);
  return new Map([...taskOf].flatMap(([id, taskId]) => (votes.has(taskId) ? [[id, votes.get(taskId) ?? []] as const] : [])));
}

/** Who did the steps that the new version references, under their names in the history. Runs a statement only if it references any. */
async function readSteps(tx: Tx, { from, to, mapping }: PreparedMigration, ids: readonly string[]): Promise<ReadonlyMap<string, DoneBy>> {
  const asked = new Set(to.separated);
  for (const [name, state] of from?.states ?? [])
    for (const transition of state.transitions.keys()) {
      const step = `${name}.${transition}`;
      if (to.separated.has(mappedStep(mapping, step))) asked.add(step);
    }
  if (to.separated.size === 0) return new Map();
  const rows = await tx.execute<{ id: string; step: string; by: string[] }>(
    named(
      "readSteps",
      sql`select h.instance_id as id, h.from_state || '.' || h.transition as step,
          array_agg(distinct who) filter (where who is not null) as by
        from workflows.history h
        left join workflows.tasks t on t.tenant_id = h.tenant_id and t.id = h.task_id
        cross join lateral unnest(array[h.actor_id, h.on_behalf_of] || coalesce(t.delegated_from, '{}')) as who
       where ${among(sql`h.instance_id`, ids)} and h.kind = 'TRANSITION' and not h.is_automatic
         and h.from_state || '.' || h.transition = any(${sql.param([...asked])}::text[])
       group by 1, 2`,
    ),
  );
  const byInstance = new Map<string, Record<string, readonly string[]>>();
  for (const { id, step, by } of rows) byInstance.set(id, { ...byInstance.get(id), [step]: by });
  return byInstance;
}

/**
 * By instance: everybody who did anything there except comment or migrate, those they acted for, those who had delegated the task, and those to whom
 * it was assigned.
 */
async function readInvolved(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await tx.execute<{ id: string; by: string[] }>(
    named(
      "readInvolved",
      sql`select h.instance_id as id, array_agg(distinct who) as by
        from workflows.history h
        left join workflows.tasks t on t.tenant_id = h.tenant_id and t.id = h.task_id
        cross join lateral unnest(array[h.actor_id, h.on_behalf_of, case h.kind when 'ASSIGNMENT' then (h.changes->'assignee'->>'id')::uuid end]
          || coalesce(t.delegated_from, '{}')) as who
       where ${among(sql`h.instance_id`, ids)} and h.kind not in ('COMMENT', 'MIGRATION') and who is not null
       group by 1`,
    ),
  );
  return new Map(rows.map(({ id, by }) => [id, by]));
}

/**
 * Migration: plans, writes and undoes the migration of stored instances to another version of their definition.
 * Each instance is planned by the core and written in the transaction of the caller.
 * This module never migrates an instance for which the plan has a problem.
 */
import { BadUserInput, TransitionRejected } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Computing } from "@weft/platform/computing";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { withCalendars } from "../../core/calendar/compile.js";
import { readMapping, type MappingSource } from "../../core/migration/mapping.js";
import { migrate, type MigrationCompatibility } from "../../core/migration/plan.js";
import type { InputProblem } from "../../core/model/rejection.js";
import type { ViewerActor } from "../model/actor.js";
import { applyChain } from "../automatic/apply.js";
import { findMachine, machineOf } from "../definition/machines.js";
import { readInstance } from "../model/snapshot.js";
import type { InstanceHead, TaskRow } from "../model/instance-head.js";
import { changeTasks, holdRenamed } from "./change-tasks.js";
import { forgetFields } from "./forget-fields.js";
import { readMigrating, type MigratingRead, type PreparedMigration } from "./read.js";

export type MigrationOrder = { readonly fromId: string; readonly toId: string; readonly mapping: MappingSource | null };

/** The two versions and the mapping between them. @throws BadUserInput with every problem of the mapping */
export async function prepareMigration(
  tx: Tx,
  tenantId: string,
  { fromId, toId, mapping }: MigrationOrder,
  path: string,
): Promise<PreparedMigration> {
  const to = await machineOf(tx, tenantId, toId);
  const from = await findMachine(tx, tenantId, fromId);
  const read = readMapping(mapping, from, to);
  if (read.problems.length > 0)
    throw new BadUserInput(read.problems.map((problem: InputProblem) => ({ ...problem, path: `${path}.${problem.path}` })));
  return { from, to, toId, mapping: read.mapping };
}

export type PlannedInstance = { readonly head: InstanceHead; readonly result: MigrationCompatibility };

/**
 * Plans the migration for each of the instances. Writes nothing; a few statements, whatever their number. Other requests are served while it
 * computes.
 */
export async function planMigrations(
  tx: Tx,
  migration: PreparedMigration,
  heads: readonly InstanceHead[],
  { actor, computing }: { readonly actor: ViewerActor; readonly computing: Computing },
): Promise<PlannedInstance[]> {
  const reads = await readMigrating(tx, migration, heads);
  return computing.forEach(reads, (read) => ({ head: read.head, result: resultOf(migration, read, { actor }) }));
}

function resultOf(
  { from, to, toId, mapping }: PreparedMigration,
  { head, snapshot, doneBy, involved, now, calendars }: MigratingRead,
  { actor, comment, acceptWeakerRules }: Pick<InstanceMigration, "actor" | "acceptWeakerRules"> & { readonly comment?: string | null },
): MigrationCompatibility {
  const input = { from: encodeId("definition", head.definitionId), to: encodeId("definition", toId) };
  const known = { doneBy, involved, acceptWeakerRules };
  return migrate({ from, to: calendars ? withCalendars(to, calendars) : to, mapping }, snapshot, {
    actor,
    now,
    definitionId: toId,
    comment: comment ?? null,
    input,
    ...known,
  });
}

/** What a migration records of an instance, so that it can be undone. */
export type KeptOfMigration = {
  readonly definitionId: string;
  readonly state: string;
  /** null: the migration left it unchanged. */
  readonly data: InstanceHead["data"] | null;
  /** Open tasks that were closed, and those that were changed, as they were before. */
  readonly lost: readonly TaskRow[];
  readonly changed: readonly TaskRow[];
  /** Open tasks that were kept: ID and version afterwards. */
  readonly stayed: readonly (readonly [string, number])[];
  /** Number of outcomes: more than one means that automatic transitions followed. */
  readonly writes: number;
};

export type InstanceMigration = {
  readonly id: string;
  readonly actor: ViewerActor;
  readonly comment: string | null;
  /** The reason for accepting weaker rules, if they are accepted. */
  readonly acceptWeakerRules?: string | null | undefined;
};

export type MigratedInstance = {
  readonly head: InstanceHead;
  /** The version of the instance that the plan is based on. */
  readonly before: number;
  readonly kept: KeptOfMigration;
};

/**
 * Migrates one instance to the other version, according to its plan, in the caller's transaction. Waits for concurrent writes. Errors: NOT_FOUND,
 * TRANSITION_REJECTED (it does not fit; every reason).
 */
export async function migrateInstance(
  tx: Tx,
  meta: WriteMeta,
  migration: PreparedMigration,
  { id, fromId, actor, comment, acceptWeakerRules }: InstanceMigration & { readonly fromId: string },
): Promise<MigratedInstance> {
  const { head: seen } = await readInstance(tx, id, { actor, permission: "workflow.migrate", lockRead: true });
  if (seen.definitionId !== fromId)
    throw new TransitionRejected([{ code: "definition", message: "The instance now runs on another version." }]);
  const [read] = await readMigrating(tx, migration, [seen], "lock");
  if (!read) throw new Error(`instance ${id} was not read`);
  const result = resultOf(migration, read, { actor, comment, acceptWeakerRules });
  if (!result.fits) throw new TransitionRejected(result.problems.map(({ code, message }) => ({ code, message })));
  const { outcomes, tasks, joinsVotes, accepted } = result.plan;
  const { head, openTasks, rows, now } = read;
  await holdRenamed(tx, tasks.changed, openTasks);
  const after = await applyChain(tx, meta, { head, openTasks, now }, { machine: migration.to, outcomes, actor });
  if (accepted.length > 0) {
    const given = { reason: acceptWeakerRules, rules: accepted.map(({ message }) => message), definitionId: migration.toId };
    await writeAudit(tx, meta, [
      {
        action: "workflow.acceptWeakerRules",
        entityType: "instance",
        entityId: id,
        before: { definitionId: head.definitionId },
        after: given,
      },
    ]);
  }
  const [first] = outcomes;
  await changeTasks(tx, meta, after, {
    plan: tasks,
    rows,
    voteTogether: joinsVotes
      ? { state: first.to, version: first.version.to, vote: migration.to.states.get(first.to)?.tasks[0]?.vote ?? null }
      : null,
  });
  await forgetFields(tx, id, { before: migration.from, after: migration.to });
  const changed = new Set(joinsVotes ? tasks.kept.map((task) => task.id) : tasks.changed.map((task) => task.id));
  const lost = new Set(tasks.lost.map((task) => task.id));
  return {
    head: after,
    before: head.version,
    kept: {
      definitionId: head.definitionId,
      state: head.state,
      data: Object.keys(first.dataChanges.patch).length + first.dataChanges.removed.length > 0 ? head.data : null,
      lost: rows.filter((row) => lost.has(row.id)),
      changed: rows.filter((row) => changed.has(row.id)),
      stayed: rows.filter((row) => !lost.has(row.id)).map((row) => [row.id, row.version + (changed.has(row.id) ? 1 : 0)] as const),
      writes: outcomes.length,
    },
  };
}

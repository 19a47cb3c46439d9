import { Conflict, TransitionRejected } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { among, named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import type { JsonObject } from "../../core/model/json.js";
import { TASK_PRIORITIES } from "../../core/model/priority.js";
import { dataChanges, unchanged, type Outcome, type TaskToOpen } from "../../core/model/outcome.js";
import { withMigratedTimers } from "../../core/migration/migrated-timers.js";
import { applyChain } from "../automatic/apply.js";
import { findMachine } from "../definition/machines.js";
import { readInstance, snapshotOf, type InstanceRead } from "../model/snapshot.js";
import type { InstanceHead, TaskRow } from "../model/instance-head.js";
import { forgetFields } from "./forget-fields.js";
import type { InstanceMigration, KeptOfMigration } from "./migrate.js";
import { selectOpenRows } from "./read.js";

/**
 * Undoes the migration of an instance, if nothing has changed it since: the old version, its state and data, its tasks as they were, including
 * claims. Recorded as a change of its own in the history. Errors: NOT_FOUND, CONFLICT (it has changed), TRANSITION_REJECTED (automatic transitions
 * followed).
 */
export async function undoInstanceMigration(
  tx: Tx,
  meta: WriteMeta,
  { id, actor, comment }: InstanceMigration,
  { kept, version }: { readonly kept: KeptOfMigration; readonly version: number },
): Promise<InstanceHead> {
  const options = { actor, permission: "workflow.migrate" } as const;
  await readInstance(tx, id, { ...options, lockRead: true });
  await selectOpenRows(tx, [id], "lock");
  const read = await readInstance(tx, id, options);
  assertUntouched(read, kept, version);
  const snapshot = snapshotOf(read.head, read.openTasks, read.suspension);
  const stayed = new Set(kept.stayed.map(([task]) => task));
  const data = (kept.data ?? read.head.data) as JsonObject;
  const outcome: Outcome = {
    ...unchanged(snapshot, "migration", { actor, now: read.now }),
    to: kept.state,
    definitionId: kept.definitionId,
    dataChanges: dataChanges(snapshot.data, data),
    closeTasks: read.openTasks.filter((task) => !stayed.has(task.id)).map((task) => ({ id: task.id, reason: "superseded" })),
    openTasks: kept.lost.map(toOpen),
    comment,
    input: { from: encodeId("definition", read.head.definitionId), to: encodeId("definition", kept.definitionId) },
  };
  await makeRoom(tx, kept);
  const machine = await findMachine(tx, meta.tenantId, kept.definitionId);
  const current = await findMachine(tx, meta.tenantId, read.head.definitionId);
  // Automatic transitions were already decided before the migration.
  const after = await applyChain(tx, meta, read, { machine, outcomes: [withMigratedTimers(current, machine, snapshot, outcome)], actor });
  await forgetFields(tx, id, { before: current, after: machine });
  await restoreTasks(tx, id, kept);
  return after;
}

function assertUntouched({ head, openTasks }: InstanceRead, { stayed, writes }: KeptOfMigration, version: number): void {
  if (writes > 1)
    throw new TransitionRejected([{ code: "automatic", message: "The migration fired automatic transitions, which cannot be undone." }]);
  if (head.version !== version)
    throw new Conflict("The instance has changed since it was migrated.", { currentVersion: head.version, currentState: head.state });
  const versions = new Map(stayed);
  const isUntouched =
    openTasks.every((task) => task.version === (versions.get(task.id) ?? 1)) &&
    stayed.every(([id]) => openTasks.some((task) => task.id === id));
  if (!isUntouched)
    throw new Conflict("A task of the instance has changed since the migration.", {
      currentVersion: head.version,
      currentState: head.state,
    });
}

function toOpen(row: TaskRow): TaskToOpen {
  return {
    rule: row.rule,
    state: row.state,
    title: row.title,
    copy: row.copy,
    vote: row.vote,
    dueAt: row.dueAt,
    priority: TASK_PRIORITIES[row.priority] ?? "normal",
    checklist: row.checklist.map(({ title }) => title),
    route: null,
    isFromData: false,
    candidates: { roles: row.candidateRoles, users: row.candidateUserIds, teams: row.candidateTeamIds, vendors: row.candidateVendorIds },
  };
}

/** Tasks that get their old name back make room first, as in the migration. */
async function makeRoom(tx: Tx, { changed }: KeptOfMigration): Promise<void> {
  if (changed.length === 0) return;
  const ids = changed.map(({ id }) => id);
  await tx.execute(
    named("makeRoom", sql`update workflows.tasks set rule = rule || '~' where tenant_id = app.tenant() and ${among(sql`id`, ids)}`),
  );
}

/** Restores changed tasks, and reopens closed ones with their claims, completed checklist items and delegations. */
async function restoreTasks(tx: Tx, instanceId: string, { changed, lost }: KeptOfMigration): Promise<void> {
  const rows = JSON.stringify([...changed, ...lost.map((row) => ({ ...row, id: null }))]);
  if (changed.length + lost.length === 0) return;
  await tx.execute(
    named(
      "restoreTasks",
      sql`update workflows.tasks t
        set rule = c.rule, state = c.state, title = c.title, due_at = c."dueAt", overdue_at = c."overdueAt", priority = c.priority, checklist = c.checklist, status = c.status,
            candidate_roles = c."candidateRoles", candidate_user_ids = c."candidateUserIds", candidate_team_ids = c."candidateTeamIds",
            candidate_vendor_ids = c."candidateVendorIds", assignee_id = c."assigneeId", claimed_at = c."claimedAt",
            delegated_from = c."delegatedFrom", opened_at_version = c."openedAtVersion", vote = c.vote, version = t.version + 1
       from jsonb_to_recordset(${rows}::text::jsonb) as c (id uuid, rule text, state text, copy integer, title text, status text, "dueAt" timestamptz, "overdueAt" timestamptz, priority smallint,
            checklist jsonb, "candidateRoles" text[], "candidateUserIds" uuid[], "candidateTeamIds" uuid[], "candidateVendorIds" uuid[], "assigneeId" uuid,
            "claimedAt" timestamptz, "delegatedFrom" uuid[], "openedAtVersion" integer, vote text)
      where t.tenant_id = app.tenant() and t.instance_id = ${instanceId}::uuid and t.status in ('OPEN', 'CLAIMED')
        and (t.id = c.id or (c.id is null and t.state = c.state and t.rule = c.rule and t.copy = c.copy))`,
    ),
  );
}

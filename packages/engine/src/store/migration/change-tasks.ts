/** Updates open tasks that are kept when an instance migrates to another version: their properties from the definition change, their claims stay. */
import { workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { among, named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { inArray, sql } from "drizzle-orm";
import { TASK_PRIORITIES } from "../../core/model/priority.js";
import type { TaskChange, TaskPlan } from "../../core/migration/tasks.js";
import { aboutTask, taskPayload } from "../outcome/events.js";
import type { OpenTask } from "../model/snapshot.js";
import { type InstanceHead, taskColumns, type TaskRow } from "../model/instance-head.js";

const { tasks } = workflows;

/** At most one task of a rule is open, so tasks that are renamed make room before the others are written. */
export async function holdRenamed(tx: Tx, changed: readonly TaskChange[], openTasks: readonly OpenTask[]): Promise<void> {
  const ruleOf = new Map(openTasks.map((task) => [task.id, `${task.state} ${task.rule}`]));
  const renamed = changed.filter((change) => ruleOf.get(change.id) !== `${change.state} ${change.rule}`).map(({ id }) => id);
  if (renamed.length === 0) return;
  await tx.execute(
    named("holdRenamed", sql`update workflows.tasks set rule = rule || '~' where tenant_id = app.tenant() and ${among(sql`id`, renamed)}`),
  );
}

type Changing = {
  readonly plan: TaskPlan;
  readonly rows: readonly TaskRow[];
  /** In a state that decides by votes, before anybody has voted: the tasks that are kept count together with those that were opened. */
  readonly voteTogether: { readonly state: string; readonly version: number; readonly vote: "ONCE" | "REPEAT" | null } | null;
};

/** One statement, or none if nothing changes. Tasks that a transition after the migration has closed stay as they ended. */
export async function changeTasks(tx: Tx, meta: WriteMeta, head: InstanceHead, { plan, rows, voteTogether }: Changing): Promise<void> {
  const changes = new Map(plan.changed.map((change) => [change.id, change]));
  const touched = voteTogether ? plan.kept.map(({ id }) => id) : [...changes.keys()];
  if (touched.length === 0) return;
  const before = new Map(rows.map((row) => [row.id, row]));
  const values = touched.flatMap((id) => {
    const row = before.get(id);
    return row ? [valuesOf(row, changes.get(id), voteTogether)] : [];
  });
  const changed = await tx.execute<{ id: string }>(
    named(
      "changeTasks",
      sql`update workflows.tasks t
        set rule = c.rule, state = c.state, title = c.title, due_at = c."dueAt", overdue_at = case when t.due_at is not distinct from c."dueAt" then t.overdue_at end, priority = c.priority, checklist = c.checklist,
            candidate_roles = c."candidateRoles", candidate_user_ids = c."candidateUserIds", candidate_team_ids = c."candidateTeamIds",
            candidate_vendor_ids = c."candidateVendorIds", opened_at_version = c."openedAtVersion", vote = c.vote, version = t.version + 1
       from jsonb_to_recordset(${JSON.stringify(values)}::text::jsonb) as c (id uuid, rule text, state text, title text, "dueAt" timestamptz, priority smallint,
            checklist jsonb, "candidateRoles" text[], "candidateUserIds" uuid[], "candidateTeamIds" uuid[], "candidateVendorIds" uuid[], "openedAtVersion" integer,
            vote text)
      where t.tenant_id = app.tenant() and t.id = c.id and t.status in ('OPEN', 'CLAIMED') returning t.id`,
    ),
  );
  // A user who is newly offered a task is notified.
  const offered = new Set(plan.changed.filter(({ candidates }) => candidates !== null).map(({ id }) => id));
  const ids = changed.map(({ id }) => id).filter((id) => offered.has(id) && before.get(id)?.status === "OPEN");
  if (ids.length === 0) return;
  const now = await named("selectOffered", tx.select(taskColumns).from(tasks).where(inArray(tasks.id, ids)));
  await appendEvents(
    tx,
    meta,
    now.map((task) => ({
      type: "task.opened",
      ...aboutTask(head, task.id, task.version),
      payload: taskPayload(head, { ...task, status: "OPEN" }),
    })),
  );
}

function valuesOf(row: TaskRow, change: TaskChange | undefined, voteTogether: Changing["voteTogether"]): Record<string, unknown> {
  const { candidates, checklist, priority } = change ?? { candidates: null, checklist: null, priority: null };
  const state = change?.state ?? row.state;
  return {
    id: row.id,
    rule: change?.rule ?? row.rule,
    state,
    title: change?.title ?? row.title,
    dueAt: change?.dueAt === undefined ? row.dueAt : change.dueAt,
    priority: priority === null ? row.priority : TASK_PRIORITIES.indexOf(priority),
    checklist: checklist ? merged(row, checklist) : row.checklist,
    candidateRoles: candidates?.roles ?? row.candidateRoles,
    candidateUserIds: candidates?.users ?? row.candidateUserIds,
    candidateTeamIds: candidates?.teams ?? row.candidateTeamIds,
    candidateVendorIds: candidates?.vendors ?? row.candidateVendorIds,
    openedAtVersion: voteTogether?.state === state ? voteTogether.version : row.openedAtVersion,
    vote: voteTogether?.state === state ? voteTogether.vote : row.vote,
  };
}

/** Completed checklist items stay completed. */
function merged({ checklist }: TaskRow, titles: readonly string[]): TaskRow["checklist"] {
  const known = new Map(checklist.map((item) => [item.title, item]));
  return titles.map((title) => known.get(title) ?? { id: newId(), title, done: false, doneBy: null, doneAt: null });
}

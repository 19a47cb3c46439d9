/** Opens and closes the tasks of steps of runs. Nothing of the instance itself changes by it. */
import { workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { and, eq, inArray, sql } from "drizzle-orm";
import { secondsOf } from "../../core/automation/durations.js";
import type { JsonObject } from "../../core/model/json.js";
import { TASK_PRIORITIES, type TaskPriority } from "../../core/model/priority.js";
import { ruleOfStep } from "../../core/tasks/step-rule.js";
import { weftNow } from "../model/snapshot.js";
import { aboutTask, taskPayload } from "../outcome/events.js";
import type { LoadedRun } from "./loaded-run.js";
import type { StepAttempt } from "./step-report.js";

const { tasks } = workflows;

/** What a step says of its task. */
export type StepTaskInput = {
  readonly title: string;
  readonly roles: readonly string[];
  readonly instructions?: string;
  readonly due?: string;
  readonly priority?: TaskPriority;
  readonly checklist?: readonly string[];
  readonly not_owner?: boolean;
  readonly comment_for?: readonly string[];
  readonly outcomes?: readonly string[];
  readonly fail_on?: readonly string[];
  readonly input?: JsonObject;
};

export type StepTaskOpening = StepAttempt & {
  readonly loaded: Pick<LoadedRun, "row" | "head">;
  readonly asked: StepTaskInput;
  /** The tenant's time, ISO 8601. */
  readonly now: string;
};

/** Opens the task of a step. */
export async function openStepTask(tx: Tx, meta: WriteMeta, opening: StepTaskOpening): Promise<void> {
  const { loaded, step, attempt, isCompensation, asked, now } = opening;
  const { head } = loaded;
  const { id: runId, instanceId, state } = loaded.row;
  const isForOwner = asked.roles.includes("owner") && head.ownerId !== null;
  const dueSeconds = asked.due === undefined ? null : secondsOf(asked.due);
  const { priority = "normal", outcomes = ["done"], comment_for: commentFor = [], fail_on: failOn = [] } = asked;
  const insert = tx
    .insert(tasks)
    .values({
      tenantId: meta.tenantId,
      id: newId(),
      instanceId,
      state,
      rule: ruleOfStep(step),
      title: asked.title,
      candidateRoles: asked.roles.filter((role) => role !== "owner"),
      candidateUserIds: isForOwner && head.ownerId !== null ? [head.ownerId] : [],
      priority: TASK_PRIORITIES.indexOf(priority),
      checklist: (asked.checklist ?? []).map((title) => ({ id: newId(), title, done: false, doneBy: null, doneAt: null })),
      dueAt: dueSeconds === null ? null : new Date(Date.parse(now) + dueSeconds * 1000).toISOString(),
      createdAt: weftNow,
      openedAtVersion: head.version,
      step: {
        runId,
        step,
        attempt,
        isCompensation,
        instructions: asked.instructions ?? null,
        outcomes,
        commentFor,
        failOn,
        notOwner: asked.not_owner ?? false,
        input: asked.input ?? null,
      },
    })
    .returning();
  const [task] = await named("openStepTask", insert);
  if (!task) throw new Error("a task was not inserted");
  await appendEvents(tx, meta, [
    { type: "task.opened", ...aboutTask(head, task.id, 1), payload: taskPayload(head, { ...task, status: "OPEN" }) },
  ]);
}

/** Closes the task of a step that no longer waits for it, if it is open. */
export async function closeStepTask(
  tx: Tx,
  meta: WriteMeta,
  { loaded, step, attempt, isCompensation }: StepAttempt & { readonly loaded: Pick<LoadedRun, "row" | "head"> },
): Promise<void> {
  const { head, row } = loaded;
  const update = tx
    .update(tasks)
    .set({ status: "CLOSED", closedAt: weftNow, version: sql`${tasks.version} + 1` })
    .where(
      and(
        eq(tasks.tenantId, meta.tenantId),
        eq(tasks.instanceId, head.id),
        eq(tasks.state, row.state),
        eq(tasks.rule, ruleOfStep(step)),
        // A later run of the same state, or a later attempt, has a task of its own.
        sql`${tasks.step} @> ${JSON.stringify({ runId: row.id, attempt, isCompensation })}::text::jsonb`,
        inArray(tasks.status, ["OPEN", "CLAIMED"]),
      ),
    )
    .returning();
  const closed = await named("closeStepTask", update);
  if (closed.length === 0) return;
  await appendEvents(
    tx,
    meta,
    closed.map((task) => ({
      type: "task.closed" as const,
      ...aboutTask(head, task.id, task.version),
      payload: taskPayload(head, { ...task, status: "CLOSED" }),
    })),
  );
}

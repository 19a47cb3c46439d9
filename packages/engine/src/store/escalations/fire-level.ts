/**
 * Escalations: does a level that is due. The level, what it does, and its record are one transaction, under the lock of the instance.
 * This module never decides when a level is due.
 */
import { encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { incidentOutcome, MAX_AUTOMATIC } from "../../core/automatic/fire-automatic.js";
import {
  changesOfLevel,
  concernedTasks,
  loopOf,
  resultOf,
  whyUnmet,
  type Escalated,
  type Escalating,
} from "../../core/automatic/escalate.js";
import type { EscalationLevel, EscalationRule } from "../../core/model/escalation.js";
import type { Machine } from "../../core/model/machine.js";
import { systemActor } from "../../core/timers/system-actor.js";
import { applyChain } from "../automatic/apply.js";
import { inCalendars } from "../calendar/calendars.js";
import { machineOf } from "../definition/machines.js";
import { nobody, type People } from "../model/people.js";
import { findInstances, snapshotOf, type InstanceRead } from "../model/snapshot.js";
import { businessOf } from "../outcome/events.js";
import { armNext } from "../sla/chains.js";
import { advanceRun, lockRun, type RunRow } from "../sla/chains.store.js";
import type { TimerHandler } from "../timers/fire-timers.js";
import { endTimers, type TimerRow } from "../timers/timers.store.js";
import { doneAs, notifiedBy, raisePriority, reassign, startWorkflow, type Concerned, type Done } from "./act.js";
import { insertEscalation } from "./levels.store.js";

/** Does the level of a due timer of the kind ESCALATION. */
export const fireEscalation: TimerHandler = async (tx, meta, { timer, read }) => {
  const { runId, level: index } = timer.payload;
  const run = typeof runId === "string" ? await lockRun(tx, runId) : null;
  const machine = await inCalendars(tx, await machineOf(tx, meta.tenantId, read.head.definitionId), read.head);
  const rule = run && machine.escalations.get(run.chain);
  const level = run && rule?.levels[run.nextLevel];
  if (!run || run.endedAt !== null || !rule || !level || run.nextLevel !== index)
    return { status: "SKIPPED", reason: "The escalation has ended, or has another level." };
  // Before anything that could end the chain and clear the timer, or set its level again.
  await endTimers(tx, [{ id: timer.id, status: "FIRED", reason: null }]);
  await advanceRun(tx, run.id, run.nextLevel + 1);
  if (run.depth > MAX_AUTOMATIC) {
    await stopLoop(tx, meta, read, machine, rule);
    return { status: "FIRED", reason: null };
  }
  const due: Due = { tx, meta, machine, rule, level, run, timer, read };
  const result = await doLevel(due);
  chaos("escalations.done");
  const [again] = await findInstances(tx, [read.head.id]);
  if (!again) throw new Error("an instance that is locked is missing");
  await record(due, result, again.head.version);
  const after = await lockRun(tx, run.id);
  if (after) await armNext(tx, after, machine, again.head);
  return { status: "FIRED", reason: null };
};

type Due = {
  readonly tx: Tx;
  readonly meta: WriteMeta;
  readonly machine: Machine;
  readonly rule: EscalationRule;
  readonly level: EscalationLevel;
  readonly run: RunRow;
  readonly timer: TimerRow;
  readonly read: InstanceRead;
};

type Result = {
  readonly outcome: "DONE" | "SKIPPED" | "FAILED";
  readonly reason: string | null;
  readonly actions: readonly Done[];
  readonly notified: People | null;
};

async function stopLoop(tx: Tx, meta: WriteMeta, read: InstanceRead, machine: Machine, rule: EscalationRule): Promise<void> {
  const outcome = incidentOutcome(snapshotOf(read.head, read.openTasks), loopOf(rule), { actor: systemActor, now: read.now });
  await applyChain(tx, meta, read, { machine, outcomes: [outcome], actor: systemActor });
}

async function doLevel(due: Due): Promise<Result> {
  const { rule, level, machine, read } = due;
  const snapshot = snapshotOf(read.head, read.openTasks);
  const unmet = whyUnmet(machine, snapshot, rule.when, read.now) ?? whyUnmet(machine, snapshot, level.when, read.now);
  if (unmet !== null) return { outcome: "SKIPPED", reason: unmet, actions: [], notified: null };
  const concerned = concernedBy(due);
  const actions: Done[] = [
    ...(level.reassign ? await reassign(concerned, level.reassign) : []),
    ...(level.priority === null ? [] : await raisePriority(concerned, level.priority)),
  ];
  const notified = await notifiedBy(concerned, level.notify, actions);
  if (level.notify) {
    const { userIds, teamIds, roles } = notified;
    actions.push(doneAs("NOTIFY", { userIds, teamIds, roles }));
  }
  if (level.start) actions.push(await startWorkflow(concerned, level.start));
  actions.push(...(await changeInstance(due)));
  return { ...resultOf(actions), actions, notified };
}

const concernedBy = ({ tx, meta, machine, run, read }: Due): Concerned => ({
  tx,
  meta,
  machine,
  read,
  taskIds: concernedTasks({ openTasks: read.openTasks, state: read.head.state }, run.taskId),
});

/** Raises the property and fires the transition. */
async function changeInstance(due: Due): Promise<Done[]> {
  const done: Done[] = [];
  for (const { kind, from, to, decide } of changesOfLevel(due.level, snapshotOf(due.read.head, []).data)) {
    const reason = decide && (await apply(due, decide));
    if (kind !== null) done.push(doneAs(kind, { from, to, reason }));
  }
  return done;
}

/** Decides on the instance as it is now, because actions before it may have changed its tasks. Returns why nothing was written, or null. */
async function apply(
  { tx, meta, machine, rule, run, read: { head } }: Due,
  decide: (escalating: Escalating) => Escalated,
): Promise<string | null> {
  const [read] = await findInstances(tx, [head.id]);
  if (!read) throw new Error("an instance that is locked is missing");
  const snapshot = snapshotOf(read.head, read.openTasks);
  const { nextLevel, depth } = run;
  const decided = decide({ machine, snapshot, actor: systemActor, now: read.now, chain: rule.name, level: nextLevel + 1, depth });
  if ("reason" in decided) return decided.reason;
  await applyChain(tx, meta, read, { machine, outcomes: decided.outcomes, actor: systemActor });
  return null;
}

/** `version`: that of the instance afterwards, so that its events follow its versions. */
async function record(
  { tx, meta, rule, run, timer, read, machine }: Due,
  { outcome, reason, actions, notified }: Result,
  version: number,
): Promise<void> {
  const { head, openTasks, now } = read;
  const id = newId();
  const level = run.nextLevel + 1;
  const { chain, anchor, taskId, definitionKey } = run;
  const { title } = rule;
  await insertEscalation(tx, {
    tenantId: head.tenantId,
    id,
    runId: run.id,
    instanceId: head.id,
    definitionKey,
    chain,
    title,
    level,
    anchor,
    taskId,
    dueAt: timer.dueAt,
    occurredAt: now,
    outcome,
    reason,
    actions,
    startedInstanceId: actions.find(({ instanceId }) => instanceId !== null)?.instanceId ?? null,
  });
  const task = openTasks.find((one) => one.id === taskId);
  await appendEvents(tx, meta, [
    {
      type: "escalation.occurred",
      subjectId: head.id,
      subjectVersion: version,
      related: { ...businessOf(head), ...(taskId !== null && { task: taskId }) },
      payload: {
        escalationId: id,
        instanceId: head.id,
        definitionKey,
        chain,
        title,
        level,
        outcome,
        dueAt: timer.dueAt,
        about: task?.title ?? `${machine.name}: ${machine.states.get(head.state)?.title ?? head.state}`,
        taskId,
        notified: notified ?? nobody,
      },
    },
  ]);
  const after = { escalationId: encodeId("escalation", id), chain, level, outcome, reason };
  await writeAudit(tx, meta, [{ action: "workflow.escalate", entityType: "instance", entityId: head.id, before: null, after }]);
}

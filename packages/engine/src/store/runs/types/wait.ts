/** `wait`: for a time of the tenant's clock, for an event, or for an approval, which is a task. */
import { isEventType, isTriggering } from "@weft/shared/event-catalog";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, startConsuming, type WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { secondsOf } from "../../../core/automation/durations.js";
import { APPROVAL } from "../../../core/automation/types/task-input.js";
import { readMoment } from "../../../core/calendar/durations.js";
import type { JsonObject } from "../../../core/model/json.js";
import type { StepTaskInput } from "../step-tasks.js";
import { stepFailure, type StepReport } from "../step-report.js";
import type { TransactionalStep, TransactionalWork } from "../transactional-step.js";
import { beginWait, endWait, readZone } from "../waits.store.js";
import { after, beginTask, stopTask, timedOut } from "./task.js";

/** Name of the consumer that gives events to waiting steps. Must never change. */
export const WAITS_CONSUMER = "waitingSteps";

type WaitInput = {
  readonly for?: string;
  readonly until?: string;
  readonly event?: string;
  readonly subject?: string;
  readonly where?: JsonObject;
  readonly timeout?: string;
  readonly approval?: Omit<StepTaskInput, "title"> & { readonly title?: string; readonly timeout?: string };
};

export const waitStep: TransactionalStep = {
  begin: (tx, meta, work) => {
    const input = work.input as WaitInput;
    const { approval, event } = input;
    if (approval) return beginTask(tx, meta, work, { title: "Approve", ...approval, ...APPROVAL });
    return event === undefined ? beginTime(tx, work, input) : beginEvent(tx, meta, work, { ...input, event });
  },
  look: async (tx, meta, waiting) => {
    const wait = await endWait(tx, { ...waiting, runId: waiting.loaded.row.id });
    if (wait?.payload) return { kind: "succeeded", outputs: { payload: wait.payload as JsonObject } };
    if (wait && wait.event !== null) return stepFailure("TIMEOUT", `No event ${wait.event} has occurred in time.`, true);
    return isApproval(waiting.work.with) ? timedOut(tx, meta, waiting) : { kind: "succeeded", outputs: {} };
  },
  stop: stopTask,
};

const isApproval = (template: TransactionalWork["work"]["with"]): boolean => {
  if (template.kind === "object") return template.members.some(([name]) => name === "approval");
  return template.kind === "value" && typeof template.value === "object" && template.value !== null && "approval" in template.value;
};

async function beginTime(tx: Tx, work: TransactionalWork, { for: duration, until = "" }: WaitInput): Promise<StepReport> {
  const { loaded } = work;
  const seconds = duration === undefined ? null : secondsOf(duration);
  const isDate = seconds === null && /^\d{4}-\d{2}-\d{2}$/.test(until);
  const at = seconds === null ? readMoment(until, isDate ? await readZone(tx) : "UTC") : after(loaded.instanceNow, seconds);
  if (at === null) return stepFailure("INPUT_INVALID", "A wait needs `for`, such as 10m, or `until`, a time with a time zone.", true);
  await beginWait(tx, { ...work, runId: loaded.row.id }, { event: null, until: at });
  return { kind: "waits", until: null };
}

const isInternal = (name: string): boolean => isEventType(name) && !isTriggering(name);

/** From the commit of this transaction on, no event is missed: the consumer handles an event only after the event's own commit. */
async function beginEvent(
  tx: Tx,
  meta: WriteMeta,
  work: TransactionalWork,
  {
    event: name,
    subject = null,
    where = {},
    timeout,
  }: Omit<WaitInput, "event" | "subject"> & { readonly event: string; readonly subject?: string | null | undefined },
): Promise<StepReport> {
  const { loaded, work: rule } = work;
  if (isInternal(name)) return stepFailure("INPUT_INVALID", `Steps cannot wait for the event ${name}, which is internal.`, true);
  await consumeEvents(tx, meta, work);
  const seconds = timeout === undefined ? rule.timeoutSeconds : secondsOf(timeout);
  const until = seconds === null ? null : after(loaded.instanceNow, seconds);
  await beginWait(tx, { ...work, runId: loaded.row.id }, { event: { name, subject, where }, until });
  return { kind: "waits", until: null };
}

/** The consumer runs only in tenants with steps that have waited for an event, and then stays. The event makes the relay aware of its first one. */
async function consumeEvents(tx: Tx, meta: WriteMeta, { loaded, step }: TransactionalWork): Promise<void> {
  const known = await tx.execute(
    named(
      "findStepWaitsCursor",
      sql`select from events.consumer_cursors c where c.tenant_id = app.tenant() and c.consumer = ${WAITS_CONSUMER}`,
    ),
  );
  if (known.length > 0) return;
  await startConsuming(tx, WAITS_CONSUMER);
  const { instanceId, id: runId, instanceVersion } = loaded.row;
  await appendEvents(tx, meta, [
    { type: "workflow.event_awaited", subjectId: instanceId, subjectVersion: instanceVersion, payload: { instanceId, runId, step } },
  ]);
}

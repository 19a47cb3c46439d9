/** Which steps of a run are written after an event, and when each is due. */
import type { StateRun } from "../../core/model/automation.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import type { Figures } from "./attempts.js";
import type { LoadedRun, StepTiming } from "./loaded-run.js";
import type { StepWrite } from "./runs.store.js";
import { isOfWeft, taskOffered } from "./worker-steps.js";

/** A step that a worker begins with this event, or the time at which a waiting step is looked at; null: it waits for something else. */
export type ScheduledStep = { readonly step: string; readonly dueAt: string | null; readonly leaseToken: string | null };

type Advanced = Pick<LoadedRun, "rows" | "now" | "stateRun"> & {
  readonly before: RunSnapshot;
  readonly run: RunSnapshot;
  readonly figures: Figures;
  /** Of the security profile. */
  readonly concurrency: number;
};

/** The changed steps, and those that wait for room among the steps at work and have it now. */
export function stepWrites(
  { before, run, rows, now, stateRun, concurrency, figures }: Advanced,
  changed: ReadonlySet<string>,
  scheduled: readonly ScheduledStep[],
): StepWrite[] {
  const times = new Map(scheduled.map((one) => [one.step, one]));
  const allowed = readyWithRoom(stateRun, run, concurrency);
  const writes: StepWrite[] = [];
  for (const step of run.steps.values()) {
    const row = rows.get(step.id);
    const time = times.get(step.id);
    const isReady = isReadyStep(step);
    const kept = isReady ? (allowed.has(step.id) ? readyAt(step, before.steps.get(step.id), row, now) : null) : keptDue(step, row);
    const dueAt = time && isOpen(step) ? time.dueAt : kept;
    const leaseToken = time ? time.leaseToken : dueAt === null || isReady ? null : (row?.leaseToken ?? null);
    const { queue = null, priority = 0 } = stateRun.graph.steps.get(step.item?.of ?? step.id) ?? {};
    const offeredTask = isReady && dueAt !== null ? taskOffered({ stateRun }, step) : null;
    if (changed.has(step.id) || time || dueAt !== (row?.dueAt ?? null))
      writes.push({ step, dueAt, leaseToken, queue, priority, offeredTask, ...figures.of(step.id) });
  }
  return writes;
}

const isOpen = ({ status, compensation }: StepSnapshot): boolean =>
  status === "RUNNING" || status === "WAITING" || compensation === "RUNNING";

/** A lease, or a time that is waited for, is kept until the attempt ends. */
const keptDue = (step: StepSnapshot, row: StepTiming | undefined): string | null =>
  isOpen(step) && row?.attempt === step.attempt ? row.dueAt : null;

export const isReadyStep = ({ status, compensation }: StepSnapshot): boolean => status === "READY" || compensation === "READY";

/**
 * When a ready step is due. One that is due stays so, at the time since when it waits. One that was not, because its run was paused or there was no room,
 * has not waited for a worker: it is due from now on, however long ago it was to be tried again.
 */
function readyAt(step: StepSnapshot, before: StepSnapshot | undefined, row: StepTiming | undefined, now: string): string {
  const at = step.notBefore !== null && Date.parse(step.notBefore) > Date.parse(now) ? step.notBefore : now;
  const isSameWait =
    before !== undefined &&
    isReadyStep(before) &&
    before.attempt === step.attempt &&
    before.compensationAttempt === step.compensationAttempt &&
    before.notBefore === step.notBefore;
  const since = isSameWait ? (row?.dueAt ?? null) : null;
  return since !== null && Date.parse(since) < Date.parse(at) ? since : at;
}

/**
 * The steps that can begin now, as many as there is room for, in the order of the graph. What is offered to external workers takes no room from the others
 * before it begins: nobody knows when one comes.
 */
function readyWithRoom(stateRun: StateRun, run: RunSnapshot, concurrency: number): ReadonlySet<string> {
  if (run.status === "PAUSED") return new Set();
  const { graph } = stateRun;
  const steps = [...run.steps.values()];
  const busy = steps.filter(({ status }) => status === "RUNNING").length;
  const place = new Map(graph.order.map((id, index) => [id, index]));
  const placeOf = ({ id, item }: StepSnapshot): number => (place.get(item?.of ?? id) ?? 0) * 10_000 + (item?.index ?? 0);
  const ready = steps.filter(isReadyStep).sort((one, other) => placeOf(one) - placeOf(other));
  const room = Math.max(0, Math.min(graph.concurrency, concurrency) - busy);
  const [own, offered] = [true, false].map((isOwn) => ready.filter((step) => isOfWeft({ stateRun }, step) === isOwn).slice(0, room));
  return new Set([...(own ?? []), ...(offered ?? [])].map(({ id }) => id));
}

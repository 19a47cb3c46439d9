/** Decides what an event does to a run: which steps begin, wait, are skipped or stop, and how the run ends. */
import type { Step, StepGraph } from "../model/automation.js";
import type { Advanced, RunEvent, RunSnapshot, StepError, StepSnapshot } from "../model/run.js";
import { compensateNext, continueCompensation, onCompensation, resolveCompensation } from "./compensations.js";
import { beginReady } from "./ready.js";
import { failStep, MAX_LOST, retryAt } from "./failures.js";
import { draftOf, isEnded, stopRun, type RunDraft } from "./run-draft.js";

/**
 * Decides what an event does to a run. A pure function: the same run, event and time always give the same result, so it can be replayed, simulated and
 * explained. Events of attempts that are no longer current, and any events of a run that has ended, change nothing.
 * @param now ISO 8601
 */
export function advance(graph: StepGraph, run: RunSnapshot, event: RunEvent, now: string): Advanced {
  const draft = draftOf(graph, run, now);
  if (!apply(draft, event)) return { isStale: true };
  settle(draft);
  return { isStale: false, run: draft.snapshot(), changed: [...draft.changed], effects: draft.effects };
}

/** Returns false if the event is stale. */
function apply(draft: RunDraft, event: RunEvent): boolean {
  if (isEnded(draft.status)) return false;
  switch (event.kind) {
    case "started":
      return draft.status === "RUNNING";
    case "refused":
      if (draft.status !== "RUNNING") return false;
      stopRun(draft, { status: "FAILED", compensates: false, step: null, error: event.error });
      return true;
    case "cancel":
      return cancel(draft);
    case "pause":
      if (draft.status !== "RUNNING") return false;
      draft.status = "PAUSED";
      return true;
    case "resume":
      if (draft.status !== "PAUSED") return false;
      draft.status = "RUNNING";
      return true;
    case "compensationBegun":
    case "compensated":
    case "compensationFailed":
    case "compensationLost":
      return onCompensation(draft, event);
    case "continues":
      return event.isCompensation ? continueCompensation(draft, event) : onStep(draft, event);
    case "postponed":
      return postpone(draft, event);
    case "released":
      return event.isCompensation ? onCompensation(draft, event) : onStep(draft, event);
    case "resolved":
      return draft.status === "COMPENSATING" ? resolveCompensation(draft, event) : onStep(draft, event);
    case "begun":
    case "parked":
    case "waits":
    case "succeeded":
    case "failed":
    case "lost":
    case "stopped":
      return onStep(draft, event);
    default:
      return event satisfies never;
  }
}

function cancel(draft: RunDraft): boolean {
  // What is undone, or will be when the work at hand has stopped, is undone to the end.
  if (draft.status === "COMPENSATING" || draft.ending?.compensates || draft.ending?.status === "CANCELLED") return false;
  stopRun(draft, { status: "CANCELLED", compensates: false, step: null });
  return true;
}

function postpone(draft: RunDraft, { step, isCompensation, until, error }: Extract<RunEvent, { readonly kind: "postponed" }>): boolean {
  const snapshot = draft.step(step);
  const isReady = isCompensation
    ? draft.status === "COMPENSATING" && snapshot?.compensation === "READY"
    : draft.status === "RUNNING" && snapshot?.status === "READY";
  if (!snapshot || !isReady) return false;
  // What undoes a step says nothing about its result.
  draft.change(snapshot, { notBefore: until, ...(!isCompensation && { error }) });
  return true;
}

type StepEvent = Extract<
  RunEvent,
  { readonly kind: "begun" | "parked" | "waits" | "continues" | "succeeded" | "failed" | "lost" | "released" | "stopped" | "resolved" }
>;

function onStep(draft: RunDraft, event: StepEvent): boolean {
  const snapshot = draft.step(event.step);
  const step = draft.ruleOf(event.step);
  if (!snapshot || !step) return false;
  if (event.kind === "begun" || (event.kind === "parked" && event.attempt === undefined)) {
    if (draft.status !== "RUNNING" || snapshot.status !== "READY") return false;
    if (event.kind === "parked") park(draft, snapshot, { error: event.error, attempt: snapshot.attempt });
    else draft.change(snapshot, { status: "RUNNING", attempt: snapshot.attempt + 1, notBefore: null, error: null });
    return true;
  }
  // A list ends with its items, and with nothing else.
  if (step.each && snapshot.item === null && !snapshot.isFallback) return false;
  if ((event.kind === "resolved") !== snapshot.isParked && event.kind !== "stopped") return false;
  const isCurrent = snapshot.attempt === event.attempt && (snapshot.status === "RUNNING" || snapshot.status === "WAITING");
  if (!isCurrent) return false;
  switch (event.kind) {
    case "waits":
      if (snapshot.status !== "RUNNING") return false;
      // It was told to stop when it had a worker. Nobody would tell it again, now that it has none.
      if (draft.status === "STOPPING") stopAgain(draft, snapshot);
      else draft.change(snapshot, { status: "WAITING" });
      return true;
    case "continues":
      if (snapshot.status !== "WAITING") return false;
      draft.change(snapshot, { status: "READY", notBefore: null });
      return true;
    case "succeeded":
      draft.end(snapshot, { status: "SUCCEEDED", outputs: event.outputs, error: null });
      return true;
    case "stopped":
      draft.end(snapshot, { status: "CANCELLED" });
      return true;
    case "failed":
      onFailed(draft, { step, snapshot, error: event.error });
      return true;
    case "parked":
      if (snapshot.status !== "RUNNING") return false;
      onParked(draft, { step, snapshot, error: event.error });
      return true;
    case "lost":
      onLost(draft, snapshot);
      return true;
    case "released":
      if (snapshot.status !== "RUNNING") return false;
      if (draft.status === "STOPPING") draft.end(snapshot, { status: "CANCELLED" });
      else draft.change(snapshot, { status: "READY", notBefore: null });
      return true;
    case "resolved":
      onResolved(draft, { step, snapshot, isRetried: event.isRetried });
      return true;
    default:
      return event satisfies never;
  }
}

/** The step waits until somebody has removed the cause. None of its attempts is taken. */
function park(draft: RunDraft, snapshot: StepSnapshot, { error, attempt }: { readonly error: StepError; readonly attempt: number }): void {
  draft.change(snapshot, { status: "WAITING", isParked: true, notBefore: null, error, attempt });
  draft.effects.push({ kind: "incident", step: snapshot.id, message: error.message });
}

type Failed = { readonly step: Step; readonly snapshot: StepSnapshot; readonly error: StepError };

/** An attempt has found a cause that somebody can remove. The step fails nevertheless if its author has said what happens without it. */
function onParked(draft: RunDraft, { step, snapshot, error }: Failed): void {
  const { reaction } = step.onFailure;
  const goesOnWithout = snapshot.isFallback || reaction === "continue" || reaction === "workflow";
  const isTriedAgain = retryAt(step.retry, { error, failures: snapshot.failures + 1 }, draft.now) !== null;
  if (draft.status === "STOPPING" || goesOnWithout || isTriedAgain) return onFailed(draft, { step, snapshot, error });
  // An attempt of its own, as when a worker is lost.
  park(draft, snapshot, { error, attempt: snapshot.attempt + 1 });
}

/** Ends a step that comes to wait while the run stops, with what it has begun to wait for. */
function stopAgain(draft: RunDraft, snapshot: StepSnapshot): void {
  draft.end(snapshot, { status: "CANCELLED" });
  draft.effects.push({ kind: "stop", steps: [snapshot.id] });
}

function onFailed(draft: RunDraft, { step, snapshot, error }: Failed): void {
  if (draft.status === "STOPPING") return draft.end(snapshot, { status: "FAILED", error });
  const failures = snapshot.failures + 1;
  const at = snapshot.isFallback ? null : retryAt(step.retry, { error, failures }, draft.now);
  if (at !== null) return draft.change(snapshot, { status: "READY", failures, notBefore: at, error });
  draft.change(snapshot, { failures });
  failStep(draft, { step, snapshot: { ...snapshot, failures }, error });
}

/** A lost worker is no error of the step, so it takes none of its attempts; but a step that ends its workers must not do so for ever. */
function onLost(draft: RunDraft, snapshot: StepSnapshot): void {
  const lost = snapshot.lost + 1;
  if (draft.status === "STOPPING") return draft.end(snapshot, { status: "CANCELLED", lost });
  if (lost < MAX_LOST) return draft.change(snapshot, { status: "READY", lost, notBefore: null });
  const message = `The worker of the step was lost ${lost} times. The step probably ends its worker, so it waits until somebody decides.`;
  // An attempt of its own, so that a late report of the one before it does not decide.
  const parked = { status: "WAITING", isParked: true, lost, attempt: snapshot.attempt + 1 } as const;
  draft.change(snapshot, { ...parked, error: { code: "WORKER_LOST", message, isFinal: true } });
  draft.effects.push({ kind: "incident", step: snapshot.id, message });
}

type Resolved = { readonly step: Step; readonly snapshot: StepSnapshot; readonly isRetried: boolean };

function onResolved(draft: RunDraft, { step, snapshot, isRetried }: Resolved): void {
  if (isRetried) return draft.change(snapshot, { status: "READY", isParked: false, lost: 0, failures: 0, error: null });
  const { error } = snapshot;
  draft.change(snapshot, { isParked: false });
  failStep(draft, {
    step,
    snapshot: { ...snapshot, isParked: false },
    error: error ?? { code: "WORKER_LOST", message: "", isFinal: true },
  });
}

/** Continues until nothing more follows. */
function settle(draft: RunDraft): void {
  if (draft.status === "RUNNING") beginReady(draft);
  // A step that is decided at once can fail, and so stop the run.
  if (draft.status === "STOPPING" && draft.isAtRest()) draft.stopped();
  if (draft.status === "COMPENSATING") compensateNext(draft);
}

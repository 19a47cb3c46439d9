/** Undoes what a failed run did: the steps that succeeded, the last one first, one at a time. */
import type { RunEvent, StepError, StepSnapshot } from "../model/run.js";
import { MAX_LOST, retryAt } from "./failures.js";
import type { RunDraft } from "./run-draft.js";

type CompensationEvent = Extract<
  RunEvent,
  { readonly kind: "compensationBegun" | "compensated" | "compensationFailed" | "compensationLost" | "released" }
>;

/** Returns false if the event is stale. */
export function onCompensation(draft: RunDraft, event: CompensationEvent): boolean {
  const snapshot = draft.step(event.step);
  if (!snapshot || draft.status !== "COMPENSATING") return false;
  if (event.kind === "compensationBegun") {
    if (snapshot.compensation !== "READY") return false;
    draft.change(snapshot, { compensation: "RUNNING", compensationAttempt: snapshot.compensationAttempt + 1, notBefore: null });
    return true;
  }
  if (snapshot.compensation !== "RUNNING" || snapshot.compensationAttempt !== event.attempt) return false;
  if (event.kind === "compensated") draft.change(snapshot, { compensation: "SUCCEEDED" });
  else if (event.kind === "released") draft.change(snapshot, { compensation: "READY", notBefore: null });
  else if (event.kind === "compensationLost") onLostCompensation(draft, snapshot);
  else onFailedCompensation(draft, snapshot, event.error);
  return true;
}

/** What the work that undoes a step waited for has happened. */
export function continueCompensation(draft: RunDraft, { step, attempt }: Extract<RunEvent, { readonly kind: "continues" }>): boolean {
  const snapshot = draft.step(step);
  if (!snapshot || draft.status !== "COMPENSATING") return false;
  if (snapshot.compensation !== "RUNNING" || snapshot.compensationAttempt !== attempt) return false;
  // Another lease, but the same attempt: a wait is no failure.
  draft.change(snapshot, { compensation: "READY", compensationAttempt: attempt - 1, notBefore: null });
  return true;
}

/** What could not be undone does not keep the rest from being undone, but the run goes on until somebody has looked at it. */
function onFailedCompensation(draft: RunDraft, snapshot: StepSnapshot, error: StepError): void {
  const rule = draft.ruleOf(snapshot.id)?.compensate;
  const failures = snapshot.failures + 1;
  const at = rule ? retryAt(rule.retry, { error, failures }, draft.now) : null;
  if (at !== null) return draft.change(snapshot, { compensation: "READY", failures, notBefore: at });
  draft.change(snapshot, { compensation: "FAILED", failures, isParked: true });
  draft.effects.push({ kind: "incident", step: snapshot.id, message: `The step could not be undone: ${error.message}` });
}

/** As with steps, a lost worker takes none of the attempts. */
function onLostCompensation(draft: RunDraft, snapshot: StepSnapshot): void {
  const lost = snapshot.lost + 1;
  if (lost < MAX_LOST) return draft.change(snapshot, { compensation: "READY", lost, notBefore: null });
  draft.change(snapshot, { lost });
  const message = `Its worker was lost ${lost} times.`;
  onFailedCompensation(draft, { ...snapshot, lost }, { code: "WORKER_LOST", message, isFinal: true });
}

/** Somebody has looked at a step that could not be undone: it is tried again in its turn, or stays as it is. Returns false if the event is stale. */
export function resolveCompensation(draft: RunDraft, { step, isRetried }: Extract<RunEvent, { readonly kind: "resolved" }>): boolean {
  const snapshot = draft.step(step);
  if (!snapshot || !isUndecided(snapshot)) return false;
  draft.change(snapshot, { isParked: false, ...(isRetried && { compensation: "PENDING", failures: 0, lost: 0 }) });
  return true;
}

/** Whether it could not be undone, and nobody has decided about it. Steps that were canceled while they were parked wait for nothing. */
export const isUndecided = ({ isParked, compensation }: StepSnapshot): boolean => isParked && compensation === "FAILED";

/** Begins the next one, or ends the run when nothing is left to undo or to look at. */
export function compensateNext(draft: RunDraft): void {
  const open = [...draft.all()].filter(
    ({ compensation }) => compensation === "PENDING" || compensation === "READY" || compensation === "RUNNING",
  );
  if (open.some(({ compensation }) => compensation !== "PENDING")) return;
  const [next] = open.sort((one, other) => (other.ended ?? 0) - (one.ended ?? 0));
  if (next) draft.change(next, { compensation: "READY", notBefore: null });
  else if (![...draft.all()].some(isUndecided)) draft.status = draft.ending?.status ?? "FAILED";
}

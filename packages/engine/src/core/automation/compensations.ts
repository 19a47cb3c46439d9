/** Undoes what a failed run did: the steps that succeeded, the last one first, one at a time. */
import type { RunEvent, StepSnapshot } from "../model/run.js";
import { retryAt } from "./failures.js";
import type { RunDraft } from "./run-draft.js";

type CompensationEvent = Extract<RunEvent, { readonly kind: "compensationBegun" | "compensated" | "compensationFailed" }>;

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
  else onFailedCompensation(draft, snapshot, event);
  return true;
}

/** What the work that undoes a step waited for has happened. */
export function continueCompensation(draft: RunDraft, { step, attempt }: Extract<RunEvent, { readonly kind: "continues" }>): boolean {
  const snapshot = draft.step(step);
  if (!snapshot || draft.status !== "COMPENSATING") return false;
  if (snapshot.compensation !== "RUNNING" || snapshot.compensationAttempt !== attempt) return false;
  draft.change(snapshot, { compensation: "READY", notBefore: null });
  return true;
}

/** What could not be undone does not keep the rest from being undone: somebody must look at it. */
function onFailedCompensation(
  draft: RunDraft,
  snapshot: StepSnapshot,
  { error }: Extract<CompensationEvent, { kind: "compensationFailed" }>,
): void {
  const rule = draft.ruleOf(snapshot.id)?.compensate;
  const at = rule ? retryAt(rule.retry, { error, failures: snapshot.compensationAttempt }, draft.now) : null;
  if (at !== null) return draft.change(snapshot, { compensation: "READY", notBefore: at });
  draft.change(snapshot, { compensation: "FAILED" });
  draft.effects.push({ kind: "incident", step: snapshot.id, message: `The step could not be undone: ${error.message}` });
}

/** Begins the next one, or ends the run when nothing is left to undo. */
export function compensateNext(draft: RunDraft): void {
  const open = [...draft.all()].filter(
    ({ compensation }) => compensation === "PENDING" || compensation === "READY" || compensation === "RUNNING",
  );
  if (open.some(({ compensation }) => compensation !== "PENDING")) return;
  const [next] = open.sort((one, other) => (other.ended ?? 0) - (one.ended ?? 0));
  if (next) draft.change(next, { compensation: "READY", notBefore: null });
  else draft.status = draft.ending?.status ?? "FAILED";
}

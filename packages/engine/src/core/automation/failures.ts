/** What the failure of a step does. */
import type { RetryRule, Step } from "../model/automation.js";
import type { JsonObject } from "../model/json.js";
import { problemsText } from "../model/rejection.js";
import type { StepError, StepSnapshot } from "../model/run.js";
import { storableText } from "../model/values.js";
import { contextOfStep } from "./run-context.js";
import { stopRun, type RunDraft } from "./run-draft.js";
import { renderTemplate } from "./template.js";

/** Work whose worker was lost so many times is not tried again: it probably ends its worker itself. */
export const MAX_LOST = 3;

/**
 * Returns when the work is tried again (ISO 8601); null: never.
 * @param failures number of attempts that have failed, this one included
 */
export function retryAt(
  { attempts, delaySeconds, backoff, maxDelaySeconds, on }: RetryRule,
  { error, failures }: { readonly error: StepError; readonly failures: number },
  now: string,
): string | null {
  if (failures >= attempts || (on === null ? error.isFinal : !on.includes(error.code))) return null;
  const factor = backoff === "constant" ? 1 : backoff === "linear" ? failures : 2 ** Math.min(failures - 1, 30);
  const seconds = Math.min(delaySeconds * factor, maxDelaySeconds);
  return new Date(Date.parse(now) + seconds * 1000).toISOString();
}

/** The step has failed for good: the run goes on, stops, or falls back to another automation. */
export function failStep(
  draft: RunDraft,
  { step, snapshot, error }: { readonly step: Step; readonly snapshot: StepSnapshot; readonly error: StepError },
): void {
  const { onFailure } = step;
  // The failure of an item is one of its list.
  if (snapshot.item !== null) return draft.end(snapshot, { status: "FAILED", error });
  if (onFailure.notify.length > 0) draft.effects.push({ kind: "notifyFailure", step: snapshot.id, to: onFailure.notify, error });
  if (onFailure.workflow && !snapshot.isFallback) return fallBack(draft, { step, snapshot, error });
  draft.end(snapshot, { status: "FAILED", error });
  if (onFailure.reaction === "continue") return;
  stopRun(draft, { status: "FAILED", compensates: onFailure.reaction === "compensate", step: snapshot.id });
}

function fallBack(
  draft: RunDraft,
  { step, snapshot, error }: { readonly step: Step; readonly snapshot: StepSnapshot; readonly error: StepError },
): void {
  // An attempt of its own, so that a late report of the one before it is not taken for the result of the automation.
  draft.change(snapshot, { status: "WAITING", isFallback: true, attempt: snapshot.attempt + 1, error, notBefore: null });
  const { workflow } = step.onFailure;
  const rendered = workflow && renderTemplate(workflow.inputs, contextOfStep(draft, snapshot), "on_failure", "inputs");
  if (workflow && rendered?.ok) {
    draft.effects.push({ kind: "fallBack", step: snapshot.id, key: workflow.key, inputs: (rendered.value ?? {}) as JsonObject });
    return;
  }
  const message = rendered?.ok === false ? problemsText(rendered.problems) : "There is no automation to fall back to.";
  draft.end(snapshot, { status: "FAILED", error: { code: "INPUT_INVALID", message: storableText(message, 2000), isFinal: true } });
  stopRun(draft, { status: "FAILED", compensates: false, step: snapshot.id });
}

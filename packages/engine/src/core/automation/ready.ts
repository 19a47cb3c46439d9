/** Begins the steps whose turn has come. */
import type { Context } from "../conditions/context.js";
import { evaluateCondition, evaluateOperand } from "../conditions/evaluate.js";
import type { EachRule, Step } from "../model/automation.js";
import type { Json, JsonObject } from "../model/json.js";
import { problemsText } from "../model/rejection.js";
import type { StepError, StepSnapshot } from "../model/run.js";
import { asJsonObject, storableText } from "../model/values.js";
import { failStep } from "./failures.js";
import { newStep } from "./new-run.js";
import { contextOfRun, contextOfStep } from "./run-context.js";
import { hasEnded, type RunDraft } from "./run-draft.js";
import { renderTemplate } from "./template.js";

/** Maximum number of items of a list that a step does its work for. */
export const MAX_EACH = 1000;

/** Decides every step that waits only for steps that have ended, in their order, and ends the run when all have ended. */
export function beginReady(draft: RunDraft): void {
  for (const id of draft.graph.order) {
    const snapshot = draft.step(id);
    const step = draft.graph.steps.get(id);
    if (!snapshot || !step || draft.status !== "RUNNING") continue;
    if (snapshot.status === "WAITING" && step.each && !snapshot.isFallback) continueList(draft, step, snapshot);
    if (snapshot.status === "PENDING") begin(draft, step, snapshot);
  }
  const isDone = draft.graph.order.every((id) => hasEnded(draft.step(id)?.status ?? "PENDING"));
  if (draft.status === "RUNNING" && isDone) succeed(draft);
}

function begin(draft: RunDraft, step: Step, snapshot: StepSnapshot): void {
  const needed = step.dependsOn.map((id) => draft.step(id)?.status ?? "PENDING");
  if (!needed.every(hasEnded)) return;
  const context = contextOfStep(draft, snapshot);
  // Without a condition of its own, a step is skipped with those that it needs.
  const isWanted = step.when ? evaluateCondition(step.when.tree, context).holds : !needed.includes("SKIPPED");
  if (!isWanted) return draft.end(snapshot, { status: "SKIPPED" });
  if (step.each) return beginList(draft, { step, snapshot, each: step.each, context });
  if (isComputed(step.type)) return decide(draft, step, snapshot);
  draft.change(snapshot, { status: "READY" });
}

/** Whether steps of the type only compute. They are done here, so they take no worker and no further transaction. */
export const isComputed = (type: string): boolean => type === "set" || type === "assert";

function decide(draft: RunDraft, step: Step, snapshot: StepSnapshot): void {
  draft.change(snapshot, { attempt: snapshot.attempt + 1 });
  const current = draft.step(snapshot.id) ?? snapshot;
  const rendered = renderTemplate(step.with, contextOfStep(draft, current), "with");
  if (!rendered.ok) return failStep(draft, { step, snapshot: current, error: errorOf("INPUT_INVALID", problemsText(rendered.problems)) });
  const input = asJsonObject(rendered.value) ?? {};
  if (step.type === "set") return draft.end(current, { status: "SUCCEEDED", outputs: asJsonObject(input["values"]) ?? {} });
  if (input["that"] === true) return draft.end(current, { status: "SUCCEEDED", outputs: {} });
  const { message } = input;
  const text =
    typeof message === "string"
      ? message
      : `The condition does not hold. Its value is ${JSON.stringify(input["that"] ?? null).slice(0, 100)}.`;
  failStep(draft, { step, snapshot: current, error: errorOf("ASSERTION_FAILED", text) });
}

const errorOf = (code: string, message: string): StepError => ({ code, message: storableText(message, 2000), isFinal: true });

type Listing = { readonly step: Step; readonly snapshot: StepSnapshot; readonly each: EachRule; readonly context: Context };

function beginList(draft: RunDraft, { step, snapshot, each, context }: Listing): void {
  const list = evaluateOperand(each.list, context);
  const refuse = (message: string): void => failStep(draft, { step, snapshot, error: errorOf("INPUT_INVALID", message) });
  if (!Array.isArray(list)) return refuse("for_each: the value is not a list.");
  if (list.length > MAX_EACH) return refuse(`for_each: the list has ${list.length} items; the maximum is ${MAX_EACH}.`);
  draft.change(snapshot, { status: "WAITING" });
  const items = list as readonly Json[];
  for (const [index, value] of items.entries()) {
    const id = itemId(snapshot.id, index);
    // The result of an item that was taken over from an earlier run.
    if (!draft.step(id)) draft.add(newStep(id, { of: snapshot.id, index, value }));
  }
  continueList(draft, step, draft.step(snapshot.id) ?? snapshot);
}

/** IDs of steps contain no brackets, so those of items are distinct. */
export const itemId = (step: string, index: number): string => `${step}[${index}]`;

function itemsOf(draft: RunDraft, step: string): readonly StepSnapshot[] {
  const items: StepSnapshot[] = [];
  for (let item = draft.step(itemId(step, 0)); item; item = draft.step(itemId(step, items.length))) items.push(item);
  return items;
}

/** Lets the next items begin, or ends the list when all have ended. After a failure none begins, unless failures do not matter. */
function continueList(draft: RunDraft, step: Step, snapshot: StepSnapshot): void {
  const { each } = step;
  if (!each) return;
  const isTolerant = step.onFailure.reaction === "continue";
  const items = itemsOf(draft, snapshot.id);
  let hasFailed = items.some(({ status }) => status === "FAILED");
  let busy = items.filter(({ status }) => status !== "PENDING" && !hasEnded(status)).length;
  for (const item of items) {
    if (item.status !== "PENDING") continue;
    if (hasFailed && !isTolerant) draft.end(item, { status: "CANCELLED" });
    else if (busy < each.concurrency) {
      beginItem(draft, step, item);
      const status = draft.step(item.id)?.status ?? "PENDING";
      if (status === "FAILED") hasFailed = true;
      if (!hasEnded(status)) busy++;
    } else break;
  }
  endList(draft, { step, snapshot, items: itemsOf(draft, snapshot.id), isTolerant });
}

type DoneList = {
  readonly step: Step;
  readonly snapshot: StepSnapshot;
  readonly items: readonly StepSnapshot[];
  readonly isTolerant: boolean;
};

function endList(draft: RunDraft, { step, snapshot, items, isTolerant }: DoneList): void {
  if (!items.every(({ status }) => hasEnded(status))) return;
  const failed = items.filter(({ status }) => status === "FAILED");
  const outputs: JsonObject = { items: items.map((item) => item.outputs), count: items.length, failed: failed.length };
  const [first] = failed;
  if (!first || isTolerant) return draft.end(snapshot, { status: "SUCCEEDED", outputs });
  draft.change(snapshot, { outputs });
  const error = errorOf(first.error?.code ?? "FAILED", `Item ${first.item?.index ?? 0}: ${first.error?.message ?? ""}`);
  failStep(draft, { step, snapshot: draft.step(snapshot.id) ?? snapshot, error });
}

function beginItem(draft: RunDraft, step: Step, item: StepSnapshot): void {
  if (isComputed(step.type)) decide(draft, step, item);
  else draft.change(item, { status: "READY" });
}

function succeed(draft: RunDraft): void {
  const context = contextOfRun(draft);
  const outputs: Record<string, Json> = {};
  for (const [name, template] of draft.graph.outputs) {
    const rendered = renderTemplate(template, context, "outputs", name);
    // An output of a step that was skipped is absent.
    if (rendered.ok) outputs[name] = rendered.value;
  }
  draft.outputs = outputs;
  draft.status = "SUCCEEDED";
}

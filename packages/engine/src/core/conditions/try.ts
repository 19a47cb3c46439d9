import type { Actor } from "../actor.js";
import type { ShowId } from "../compile-options.js";
import type { Json } from "../json.js";
import type { Machine } from "../machine.js";
import { problemList, type Problem } from "../problems.js";
import type { InputProblem } from "../rejection.js";
import { asJsonObject, checkJson } from "../schema/json.js";
import { contextOf } from "./context.js";
import { evaluateCondition, type ConditionFailure } from "./evaluate.js";
import { readWrittenCondition } from "./read.js";
import { conditionText } from "./text.js";
import { conditionJson } from "./to-json.js";

export type TriedCondition = {
  /** What in the data is no JSON, or more of it than an instance can have. Nothing else is looked at then. */
  readonly dataProblems: readonly InputProblem[];
  /** Why it cannot be read, or could never hold for its types. Nothing is evaluated then. */
  readonly problems: readonly Problem[];
  /** In CEL and as a tree; null when it cannot be read. */
  readonly text: string | null;
  readonly tree: Json | null;
  readonly holds: boolean;
  /** Each part that was not true; empty when it holds. */
  readonly failures: readonly ConditionFailure[];
};

/**
 * A condition of a transition, tried with the same functions as when it is fired.
 * @param written CEL, or the tree
 * @param machine against whose data its paths and types are checked; null: not at all
 */
export function tryCondition(
  written: unknown,
  machine: Pick<Machine, "data" | "initial"> | null,
  { data, actor, ownerId, now, showId }: { data: unknown; actor: Actor; ownerId: string; now: string; showId?: ShowId },
): TriedCondition {
  const values = asJsonObject(data);
  const dataProblems = values ? checkJson(values, "data") : [{ path: "data", message: "The data must be an object." }];
  const nothing = { dataProblems, text: null, tree: null, holds: false, failures: [] };
  if (!values || dataProblems.length > 0) return { ...nothing, problems: [] };
  const list = problemList();
  const scope = { data: machine?.data ?? null, input: null, isAction: false };
  const read = readWrittenCondition(list, written, [], { scope, example: "data.estimate <= 5000" });
  if (!read) return { ...nothing, problems: list.problems };
  const { tree, isSound } = read;
  const shown = { dataProblems, problems: list.problems, text: conditionText(tree), tree: conditionJson(tree) };
  if (!isSound) return { ...shown, holds: false, failures: [] };
  const subject = { state: machine?.initial ?? "", version: 1, ownerId, teamId: null, assignee: null };
  const verdict = evaluateCondition(tree, contextOf(subject, { data: values, actor, now, showId }));
  return { ...shown, holds: verdict.holds, failures: verdict.holds ? [] : verdict.failures };
}

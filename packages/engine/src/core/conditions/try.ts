import type { Actor } from "../model/actor.js";
import type { Calendars } from "../model/calendar.js";
import type { ShowId } from "../model/compile-options.js";
import type { Json } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { problemList, type Problem } from "../model/problems.js";
import type { InputProblem } from "../model/rejection.js";
import { asJsonObject, checkJson } from "../model/values.js";
import { contextOf } from "./context.js";
import { evaluateCondition, type ConditionFailure } from "./evaluate.js";
import { readWrittenCondition } from "./read.js";
import { conditionText } from "./syntax/text.js";
import { conditionJson } from "./syntax/to-json.js";

export type TriedCondition = {
  /** Reasons why the data is not JSON or is larger than an instance can have. Nothing else is checked then. */
  readonly dataProblems: readonly InputProblem[];
  /** Reasons why the condition cannot be read, or can never hold because of its types. Nothing is evaluated then. */
  readonly problems: readonly Problem[];
  /** The condition in CEL and as a tree; null if it cannot be read. */
  readonly text: string | null;
  readonly tree: Json | null;
  readonly holds: boolean;
  /** Each part that was not true; empty if the condition holds. */
  readonly failures: readonly ConditionFailure[];
};

type Surroundings = {
  readonly data: unknown;
  readonly actor: Actor;
  readonly ownerId: string;
  readonly now: string;
  readonly showId?: ShowId;
  /** By which it counts; absent: the default ones. */
  readonly calendars?: Calendars | null;
};

/**
 * Evaluates a condition of a transition with the same functions as when the transition is fired.
 * @param written CEL text, or the tree
 * @param machine definition whose data its paths and types are checked against; null: no check
 */
export function tryCondition(
  written: unknown,
  machine: Pick<Machine, "data" | "initial"> | null,
  { data, actor, ownerId, now, showId, calendars = null }: Surroundings,
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
  const result = evaluateCondition(tree, contextOf(subject, { data: values, actor, now, showId, calendars }));
  return { ...shown, holds: result.holds, failures: result.holds ? [] : result.failures };
}

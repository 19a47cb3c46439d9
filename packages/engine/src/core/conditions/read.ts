import { quote, type Path, type ProblemList } from "../model/problems.js";
import { isObject } from "../model/values.js";
import { checkCondition, checkOperand, valueProblem } from "./check.js";
import { readConditionTree } from "./syntax/from-json.js";
import { parseCondition, parseOperand } from "./syntax/parse.js";
import { conditionText } from "./syntax/text.js";
import type { Condition, Operand } from "../model/condition.js";
import type { Scope } from "./value-types.js";

/** `source`: the condition in CEL, as people read it, even if it was written as JSON. */
export type WrittenCondition = {
  readonly tree: Condition;
  readonly source: string;
  /** Whether its types are compatible. */
  readonly isSound: boolean;
};

/**
 * Reads the condition at a place of a definition, in CEL or as a JSON tree. Adds every problem to `problems`, with the path into the tree.
 * @param example an example of a condition for this place
 * @returns null if it cannot be read
 */
export function readWrittenCondition(
  problems: ProblemList,
  value: unknown,
  path: Path,
  { scope, example }: { readonly scope: Scope; readonly example: string },
): WrittenCondition | null {
  const read = isObject(value) ? readConditionTree(value) : typeof value === "string" ? parseCondition(value) : null;
  if (read === null) {
    problems.add(path, "WRONG_TYPE", `Expected a condition such as "${example}", found ${quote(value)}.`);
    return null;
  }
  if (!read.ok) {
    problems.add([...path, ...(read.path ?? [])], "BAD_CONDITION", read.message);
    return null;
  }
  const found = checkCondition(read.value, scope);
  for (const { code, message } of found) problems.add(path, code, message);
  return { tree: read.value, source: typeof value === "string" ? value : conditionText(read.value), isSound: found.length === 0 };
}

/**
 * Reads a time at a place of a definition: a path such as `data.neededBy`, or one with durations, such as `data.neededBy - P3D`. Adds every problem to
 * `problems`.
 * @returns null if it cannot be read
 */
export function readWrittenTime(
  problems: ProblemList,
  value: unknown,
  path: Path,
  { scope, example }: { readonly scope: Scope; readonly example: string },
): Operand | null {
  const parsed = typeof value === "string" ? parseOperand(value) : null;
  const read = parsed?.ok ? parsed.value : null;
  const isTime = read !== null && ("path" in read || ("call" in read && (read.call === "later" || read.call === "earlier")));
  if (!isTime) {
    const message = parsed?.ok === false ? parsed.message : `Expected a path such as ${example}, found ${quote(value)}.`;
    problems.add(path, parsed?.ok === false ? "BAD_CONDITION" : "WRONG_TYPE", message);
    return null;
  }
  if ("path" in read) {
    const message = valueProblem(read.path, scope, ["string"]);
    if (message !== null) problems.add(path, "UNKNOWN_PATH", message);
  } else for (const { code, message } of checkOperand(read, scope)) problems.add(path, code, message);
  return read;
}

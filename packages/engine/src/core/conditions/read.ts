import { quote, type Path, type ProblemList } from "../model/problems.js";
import { isObject } from "../model/values.js";
import { checkCondition } from "./check.js";
import { readConditionTree } from "./syntax/from-json.js";
import { parseCondition } from "./syntax/parse.js";
import { conditionText } from "./syntax/text.js";
import type { Condition } from "../model/condition.js";
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

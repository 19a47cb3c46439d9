import { quote, type Path, type ProblemList } from "../problems.js";
import { isObject } from "../schema/json.js";
import { checkCondition } from "./check.js";
import { readConditionTree } from "./from-json.js";
import { parseCondition } from "./parse.js";
import { conditionText } from "./text.js";
import type { Condition } from "./tree.js";
import type { Scope } from "./value-types.js";

/** `source`: as people read it, in CEL, also where it was written as JSON. */
export type WrittenCondition = {
  readonly tree: Condition;
  readonly source: string;
  /** Whether its types fit. */
  readonly isSound: boolean;
};

/**
 * The condition at a place of a definition, in CEL or as a tree of JSON. Every problem goes to `problems`, with the path into the tree.
 * @param example what a condition at this place may look like
 * @returns null where it cannot be read
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

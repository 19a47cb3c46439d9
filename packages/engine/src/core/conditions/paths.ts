import type { Condition, Operand } from "./tree.js";

/** Every path that the condition reads. */
export function pathsOf(condition: Condition): readonly (readonly string[])[] {
  switch (condition.op) {
    case "and":
    case "or":
      return condition.args.flatMap(pathsOf);
    case "not":
      return pathsOf(condition.arg);
    case "has":
      return [condition.path];
    case "eq":
    case "ne":
    case "gt":
    case "gte":
    case "lt":
    case "lte":
    case "in":
    case "contains":
      return [condition.left, condition.right].flatMap((operand: Operand) => ("path" in operand ? [operand.path] : []));
    default:
      return condition satisfies never;
  }
}

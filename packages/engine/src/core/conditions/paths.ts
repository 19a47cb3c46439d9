import type { Condition, Operand } from "./tree.js";

/** Every path that the condition reads of what is around it: names of items are none. */
export function pathsOf(condition: Condition): readonly (readonly string[])[] {
  if ("left" in condition) return [condition.left, condition.right].flatMap(pathsOfOperand);
  switch (condition.op) {
    case "and":
    case "or":
      return condition.args.flatMap(pathsOf);
    case "not":
      return pathsOf(condition.arg);
    case "has":
      return [condition.path];
    case "exists":
    case "all":
      return [...pathsOfOperand(condition.each), ...without(condition.as, pathsOf(condition.where))];
    default:
      return condition satisfies never;
  }
}

/** Every path that the value reads of what is around it. */
export function pathsOfOperand(operand: Operand): readonly (readonly string[])[] {
  if ("path" in operand) return [operand.path];
  if ("call" in operand) return operand.args.flatMap(pathsOfOperand);
  if ("if" in operand) return [...pathsOf(operand.if), ...pathsOfOperand(operand.yes), ...pathsOfOperand(operand.no)];
  if (!("each" in operand)) return [];
  const inside = "to" in operand ? pathsOfOperand(operand.to) : pathsOf(operand.where);
  return [...pathsOfOperand(operand.each), ...without(operand.as, inside)];
}

const without = (name: string, paths: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  paths.filter(([root]) => root !== name);

import type { Condition, Operand } from "../model/condition.js";

/** Returns every path that the condition reads from its context, without the names of items. */
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

/** Returns every path that the value reads from its context. */
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

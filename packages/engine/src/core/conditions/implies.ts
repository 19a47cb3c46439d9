import { jsonEqual } from "../model/values.js";
import type { Condition, Operand } from "../model/condition.js";

/** Budget for one definition: comparing trees of two thousand parts with each other would take minutes. */
export type Budget = { steps: number };

/** Whether `b` holds whenever `a` does, as far as the form of both shows it. False can also mean that the search stopped. */
export function implies(a: Condition, b: Condition, budget: Budget): boolean {
  if (--budget.steps < 0) return false;
  if (b.op === "and" && b.args.every((arg) => implies(a, arg, budget))) return true;
  if (a.op === "or" && a.args.every((arg) => implies(arg, b, budget))) return true;
  if (a.op === "and" && a.args.some((arg) => implies(arg, b, budget))) return true;
  if (b.op === "or" && b.args.some((arg) => implies(a, arg, budget))) return true;
  return jsonEqual(a, b) || boundImplies(a, b);
}

/** `data.n > 10` implies `data.n > 5` and `data.n != 3`. */
function boundImplies(a: Condition, b: Condition): boolean {
  if (!("left" in a) || !("left" in b) || !jsonEqual(a.left, b.left) || !("path" in a.left)) return false;
  const [x, y] = [numberOf(a.right), numberOf(b.right)];
  if (x === null || y === null) return false;
  const atLeast = a.op === "gte" || a.op === "eq";
  const atMost = a.op === "lte" || a.op === "eq";
  const isAbove = (a.op === "gt" && x >= y) || (atLeast && x > y);
  const isBelow = (a.op === "lt" && x <= y) || (atMost && x < y);
  if (b.op === "gt") return isAbove;
  if (b.op === "lt") return isBelow;
  if (b.op === "gte") return (a.op === "gt" || atLeast) && x >= y;
  if (b.op === "lte") return (a.op === "lt" || atMost) && x <= y;
  return b.op === "ne" && (isAbove || isBelow);
}

const numberOf = (operand: Operand): number | null => ("value" in operand && typeof operand.value === "number" ? operand.value : null);

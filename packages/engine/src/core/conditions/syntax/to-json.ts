/** Conditions as JSON, as tools write them. `readConditionTree` reads the same condition from it. */
import type { Json } from "../../model/json.js";
import { celPath } from "./text.js";
import type { Condition, Operand } from "../../model/condition.js";

/** Returns `{ lte: [{ path: "data.amount" }, 5000] }` for `data.amount <= 5000`. */
export function conditionJson(condition: Condition): Json {
  if ("left" in condition) return { [condition.op]: [operandJson(condition.left), operandJson(condition.right)] };
  switch (condition.op) {
    case "and":
    case "or":
      return { [condition.op]: condition.args.map(conditionJson) };
    case "not":
      return { not: conditionJson(condition.arg) };
    case "has":
      return { has: celPath(condition.path) };
    case "exists":
    case "all": {
      const { op, each, as, where } = condition;
      return { [op]: { each: operandJson(each), as, where: conditionJson(where) } };
    }
    default:
      return condition satisfies never;
  }
}

function operandJson(operand: Operand): Json {
  if ("value" in operand) return operand.value;
  if ("path" in operand) return { path: celPath(operand.path) };
  if ("if" in operand) return { if: [conditionJson(operand.if), operandJson(operand.yes), operandJson(operand.no)] };
  if ("to" in operand) return { map: { each: operandJson(operand.each), as: operand.as, to: operandJson(operand.to) } };
  if ("each" in operand) return { filter: { each: operandJson(operand.each), as: operand.as, where: conditionJson(operand.where) } };
  const { call, args } = operand;
  const [first] = args;
  return { [call]: args.length === 1 && first ? operandJson(first) : args.map(operandJson) };
}

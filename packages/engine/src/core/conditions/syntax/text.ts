/** Conditions as CEL text, to show conditions that were written as JSON and the parts that were not true. */
import type { Json } from "../../model/json.js";
import type { Call, CompareOp, Condition, Operand } from "../../model/condition.js";

const OPERATORS: Readonly<Partial<Record<CompareOp, string>>> = { eq: "==", ne: "!=", gt: ">", gte: ">=", lt: "<", lte: "<=", in: "in" };
const SIGNS: Readonly<Partial<Record<Call, string>>> = { add: "+", sub: "-", mul: "*", div: "/", mod: "%", later: "+", earlier: "-" };

/** Returns the condition in CEL. Parsing the text gives a condition with the same meaning. */
export function conditionText(condition: Condition): string {
  if ("left" in condition) return comparisonText(condition);
  switch (condition.op) {
    case "and":
    case "or": {
      if (condition.args.length === 0) return String(condition.op === "and");
      return condition.args
        .map((arg) => ("args" in arg ? bracketed(arg) : conditionText(arg)))
        .join(condition.op === "and" ? " && " : " || ");
    }
    case "not":
      return `!${"path" in condition.arg || condition.arg.op === "not" ? conditionText(condition.arg) : bracketed(condition.arg)}`;
    case "has":
      return `has(${celPath(condition.path)})`;
    case "exists":
    case "all":
      return `${inner(condition.each)}.${condition.op}(${condition.as}, ${conditionText(condition.where)})`;
    default:
      return condition satisfies never;
  }
}

function comparisonText({ op, left, right }: Extract<Condition, { left: Operand }>): string {
  const operator = OPERATORS[op];
  return operator === undefined ? `${inner(left)}.${op}(${operandText(right)})` : `${operandText(left)} ${operator} ${operandText(right)}`;
}

const bracketed = (condition: Condition): string => `(${conditionText(condition)})`;

/** Returns a value in CEL. */
export function operandText(operand: Operand): string {
  if ("path" in operand) return celPath(operand.path);
  if ("value" in operand) return JSON.stringify(operand.value);
  if ("if" in operand) return `(${conditionText(operand.if)} ? ${operandText(operand.yes)} : ${operandText(operand.no)})`;
  if ("each" in operand) {
    const name = "where" in operand ? "filter" : "map";
    const body = "where" in operand ? conditionText(operand.where) : operandText(operand.to);
    return `${inner(operand.each)}.${name}(${operand.as}, ${body})`;
  }
  const { call, args } = operand;
  const sign = SIGNS[call];
  const [time, period] = args;
  if ((call === "later" || call === "earlier") && time && period && "value" in period)
    return `${inner(time)} ${sign} ${periodText(period.value)}`;
  if (sign !== undefined) return args.map(inner).join(` ${sign} `);
  const [of] = args;
  return of === undefined ? `${call}()` : call === "size" ? `size(${operandText(of)})` : `${inner(of)}.${call}()`;
}

const periodText = (period: Json): string => (typeof period === "string" ? period : JSON.stringify(period));

/** Adds parentheses if the operand is next to an operator. */
const inner = (operand: Operand): string =>
  "call" in operand && SIGNS[operand.call] !== undefined ? `(${operandText(operand)})` : operandText(operand);

/** Names that are not CEL identifiers (`due-date`, `in`) are quoted. */
export const celPath = (path: readonly string[]): string =>
  path
    .map((part, index) =>
      index === 0 ? part : /^(?!(?:in|true|false|null)$)[A-Za-z_][A-Za-z0-9_]*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`,
    )
    .join("");

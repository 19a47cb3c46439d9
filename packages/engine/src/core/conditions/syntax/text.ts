/** Conditions as CEL text, to show conditions that were written as JSON and the parts that were not true. */
import type { Json } from "../../model/json.js";
import type { Call, CompareOp, Condition, Operand } from "../../model/condition.js";

const OPERATORS: Readonly<Partial<Record<CompareOp, string>>> = { eq: "==", ne: "!=", gt: ">", gte: ">=", lt: "<", lte: "<=", in: "in" };
const SIGNS: Readonly<Partial<Record<Call, string>>> = { add: "+", sub: "-", mul: "*", div: "/", mod: "%", later: "+", earlier: "-" };

type NameOf = (path: readonly string[]) => string;

/** Returns the condition in CEL. Parsing the text gives a condition with the same meaning, unless `nameOf` gives the paths other names. */
export function conditionText(condition: Condition, nameOf: NameOf = celPath): string {
  if ("left" in condition) return comparisonText(condition, nameOf);
  switch (condition.op) {
    case "and":
    case "or": {
      if (condition.args.length === 0) return String(condition.op === "and");
      return condition.args
        .map((arg) => ("args" in arg ? bracketed(arg, nameOf) : conditionText(arg, nameOf)))
        .join(condition.op === "and" ? " && " : " || ");
    }
    case "not": {
      const { arg } = condition;
      return `!${"path" in arg || arg.op === "not" ? conditionText(arg, nameOf) : bracketed(arg, nameOf)}`;
    }
    case "has":
      return `has(${nameOf(condition.path)})`;
    case "exists":
    case "all":
      return `${inner(condition.each, nameOf)}.${condition.op}(${condition.as}, ${conditionText(condition.where, nameOf)})`;
    default:
      return condition satisfies never;
  }
}

function comparisonText({ op, left, right }: Extract<Condition, { left: Operand }>, nameOf: NameOf): string {
  const operator = OPERATORS[op];
  const than = operandText(right, nameOf);
  return operator === undefined ? `${inner(left, nameOf)}.${op}(${than})` : `${operandText(left, nameOf)} ${operator} ${than}`;
}

const bracketed = (condition: Condition, nameOf: NameOf): string => `(${conditionText(condition, nameOf)})`;

/** Returns a value in CEL. With `nameOf`, its paths have other names, for a text that is only read. */
export function operandText(operand: Operand, nameOf: NameOf = celPath): string {
  if ("path" in operand) return nameOf(operand.path);
  if ("value" in operand) return JSON.stringify(operand.value);
  if ("if" in operand)
    return `(${conditionText(operand.if, nameOf)} ? ${operandText(operand.yes, nameOf)} : ${operandText(operand.no, nameOf)})`;
  if ("each" in operand) {
    const name = "where" in operand ? "filter" : "map";
    const body = "where" in operand ? conditionText(operand.where, nameOf) : operandText(operand.to, nameOf);
    return `${inner(operand.each, nameOf)}.${name}(${operand.as}, ${body})`;
  }
  const { call, args } = operand;
  const sign = SIGNS[call];
  const [time, period] = args;
  if ((call === "later" || call === "earlier") && time && period && "value" in period)
    return `${inner(time, nameOf)} ${sign} ${periodText(period.value)}`;
  if (sign !== undefined) return args.map((arg) => inner(arg, nameOf)).join(` ${sign} `);
  const [of] = args;
  return of === undefined ? `${call}()` : call === "size" ? `size(${operandText(of, nameOf)})` : `${inner(of, nameOf)}.${call}()`;
}

const periodText = (period: Json): string => (typeof period === "string" ? period : JSON.stringify(period));

/** Adds parentheses if the operand is next to an operator. */
const inner = (operand: Operand, nameOf: NameOf): string =>
  "call" in operand && SIGNS[operand.call] !== undefined ? `(${operandText(operand, nameOf)})` : operandText(operand, nameOf);

/** Names that are not CEL identifiers (`due-date`, `in`) are quoted. */
export const celPath = (path: readonly string[]): string =>
  path
    .map((part, index) =>
      index === 0 ? part : /^(?!(?:in|true|false|null)$)[A-Za-z_][A-Za-z0-9_]*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`,
    )
    .join("");

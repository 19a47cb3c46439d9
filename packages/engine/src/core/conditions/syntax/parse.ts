/**
 * Parses CEL text into the condition tree. cel-js is used only for lexing and parsing (bounded nodes and depth). Its evaluator, macros and functions
 * are never run: they took seconds on small hostile inputs. Constructs outside the subset are rejected by name.
 */
import { Environment, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { quote, type Path } from "../../model/problems.js";
import { boundsProblem } from "./bounds.js";
import { conditionOf, operandOf, UnsupportedExpression } from "./from-cel.js";
import { MAX_DEPTH, MAX_NODES, MAX_SOURCE_CHARS, type Condition, type Operand } from "../../model/condition.js";

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `path`: the place in the given tree, if the input is not a single text. */
  | { readonly ok: false; readonly message: string; readonly path?: Path };

/** Parses a condition: `data.estimate <= 5000 && "operations" in actor.roles`. */
export function parseCondition(source: string): Parsed<Condition> {
  return parsed(source, conditionOf);
}

/**
 * Parses a value, as `set` and `emit` take it: a path (`input.outcome`), a literal (`"done"`, `3`, `[1, 2]`) or an expression (`data.price *
 * data.count`).
 */
export function parseOperand(source: string): Parsed<Operand> {
  return parsed(source, operandOf);
}

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH * 3, maxListElements: 200, maxMapEntries: 1, maxCallArguments: 4 },
});

function parsed<T extends Condition | Operand>(source: string, convert: (node: ASTNode, depth: number) => T): Parsed<T> {
  if (source.length > MAX_SOURCE_CHARS)
    return { ok: false, message: `The expression has ${source.length} characters; the maximum is ${MAX_SOURCE_CHARS}.` };
  try {
    const value = convert(environment.parse(withDurations(source)).ast, 1);
    const problem = boundsProblem(value);
    return problem === null ? { ok: true, value } : { ok: false, message: problem };
  } catch (error) {
    if (error instanceof UnsupportedExpression) return { ok: false, message: error.message };
    // The parser recurses over prefixes (`!!!!…`), which its own depth limit does not count.
    if (error instanceof RangeError)
      return { ok: false, message: `The expression is nested too deeply; the maximum is ${MAX_DEPTH} levels.` };
    if (error instanceof ParseError)
      return { ok: false, message: `${quote(source)} is not a valid expression: ${slipIn(source) ?? `${firstLine(error.message)}.`}` };
    return { ok: false, message: `${quote(source)} is not a valid expression.` };
  }
}

/** Returns the text with `2 working hours` written as `duration("2 working hours")`, except in strings. */
function withDurations(source: string): string {
  if (!source.includes(" working ") || /'''|"""/.test(source)) return source;
  return source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])\d{1,7} working (?:minute|hour|day)s?\b/g, (part) =>
    /^["']/.test(part) ? part : `duration("${part}")`,
  );
}

/** Returns a hint for mistakes that come from other languages. Ignores string literals, which can contain anything. */
function slipIn(source: string): string | null {
  const code = source.slice(0, MAX_SOURCE_CHARS).replace(/"[^"]*"|'[^']*'/g, '""');
  if (/===|!==/.test(code)) return "use == and !=.";
  if (/(^|[^=!<>])=([^=]|$)/.test(code)) return "use == to compare.";
  if (/\b(and|or|not)\b/i.test(code)) return "use && for and, || for or, and ! for not.";
  const open = code.split("(").length - code.split(")").length;
  if (open !== 0) return open > 0 ? "a ) is missing." : "there is one ) too many.";
  return /["']/.test(code.replaceAll('""', "")) ? "a string is not closed." : null;
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/\.$/, "").slice(0, 200);
}

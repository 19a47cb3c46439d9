/**
 * CEL text to the condition tree. cel-js does the lexing and parsing only (bounded nodes and depth); its evaluator, macros and functions
 * are never run: they took seconds on small hostile inputs. What lies outside the subset is refused by name.
 */
import { Environment, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { quote, type Path } from "../problems.js";
import { boundsProblem } from "./bounds.js";
import { conditionOf, operandOf, UnsupportedExpression } from "./from-cel.js";
import { MAX_DEPTH, MAX_NODES, MAX_SOURCE_CHARS, type Condition, type Operand } from "./tree.js";

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `path`: where in what was given, when that is more than a text. */
  | { readonly ok: false; readonly message: string; readonly path?: Path };

/** A condition: `data.estimate <= 5000 && "operations" in actor.roles`. */
export function parseCondition(source: string): Parsed<Condition> {
  return parsed(source, conditionOf);
}

/** A value, as `set` and `emit` take it: a path (`input.outcome`), a literal (`"done"`, `3`, `[1, 2]`), or what is worked out (`data.price * data.count`). */
export function parseOperand(source: string): Parsed<Operand> {
  return parsed(source, operandOf);
}

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH * 3, maxListElements: 200, maxMapEntries: 1, maxCallArguments: 4 },
});

function parsed<T extends Condition | Operand>(source: string, convert: (node: ASTNode, depth: number) => T): Parsed<T> {
  if (source.length > MAX_SOURCE_CHARS)
    return { ok: false, message: `The expression has ${source.length} characters; the most is ${MAX_SOURCE_CHARS}.` };
  try {
    const value = convert(environment.parse(source).ast, 1);
    const problem = boundsProblem(value);
    return problem === null ? { ok: true, value } : { ok: false, message: problem };
  } catch (error) {
    if (error instanceof UnsupportedExpression) return { ok: false, message: error.message };
    // The parser recurses over prefixes (`!!!!…`), which its own depth limit does not count.
    if (error instanceof RangeError) return { ok: false, message: `The expression is nested too deep; the most is ${MAX_DEPTH} levels.` };
    if (error instanceof ParseError)
      return { ok: false, message: `${quote(source)} is not understood: ${slipIn(source) ?? `${firstLine(error.message)}.`}` };
    return { ok: false, message: `${quote(source)} is not understood.` };
  }
}

/** What people write who know another language; outside of texts, which may hold anything. */
function slipIn(source: string): string | null {
  const code = source.slice(0, MAX_SOURCE_CHARS).replace(/"[^"]*"|'[^']*'/g, '""');
  if (/===|!==/.test(code)) return "write == and !=.";
  if (/(^|[^=!<>])=([^=]|$)/.test(code)) return "write == to compare.";
  if (/\b(and|or|not)\b/i.test(code)) return "write && for and, || for or, ! for not.";
  const open = code.split("(").length - code.split(")").length;
  if (open !== 0) return open > 0 ? "a ) is missing." : "there is a ) too many.";
  return /["']/.test(code.replaceAll('""', "")) ? "a text is not closed." : null;
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/\.$/, "").slice(0, 200);
}

/**
 * Mappings: compiles the condition and the values by which a message of another system becomes an event, and evaluates them for a message.
 * Expressions read the message, and nothing else. What they read has no schema, because another system decides what it sends.
 * This module never decides whether a message is genuine, and never publishes an event.
 */
import { checkCondition } from "../conditions/check.js";
import { evaluateCondition, evaluateOperand } from "../conditions/evaluate.js";
import { pathsOf, pathsOfOperand } from "../conditions/paths.js";
import { parseCondition, parseOperand } from "../conditions/syntax/parse.js";
import { ANY, typed, type Scope, type ValueType } from "../conditions/value-types.js";
import { readNamedValues, readOperand } from "../definition/actions.js";
import { pathText, type Condition, type Operand } from "../model/condition.js";
import type { Json, JsonObject } from "../model/json.js";
import { didYouMean, problemList, quote, type Path, type Problem, type ProblemList } from "../model/problems.js";

/** The expressions of a mapping as written. */
export type MappingSource = {
  /** CEL; empty: always. */
  readonly condition: string;
  /** Expressions by property of the payload; null: the whole body is the payload. */
  readonly payload: unknown;
  readonly subject: string | null;
};

export type CompiledMapping = {
  readonly condition: Condition | null;
  readonly payload: readonly (readonly [string, Operand])[] | null;
  readonly subject: Operand | null;
};

/** A message as expressions read it. */
export type MappedMessage = {
  readonly body: unknown;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly receivedAt: string;
};

const LOCALS: ReadonlyMap<string, ValueType> = new Map([
  ["body", ANY],
  ["headers", ANY],
  ["receivedAt", typed("string")],
]);
const SCOPE: Scope = { data: null, input: null, isAction: true, locals: LOCALS };

/** Compiles the expressions. Paths of problems begin with the name of the expression: `condition`, `payload.title`, `subject`. */
export function compileMapping(source: MappingSource): { readonly mapping: CompiledMapping; readonly problems: readonly Problem[] } {
  const problems = problemList();
  const mapping = {
    condition: readCondition(problems, source.condition),
    payload: source.payload === null || source.payload === undefined ? null : readPayload(problems, source.payload),
    subject: source.subject === null ? null : readExpression(problems, source.subject, ["subject"]),
  };
  return { mapping, problems: problems.problems };
}

/** Returns whether the message becomes an event. */
export const isMapped = ({ condition }: CompiledMapping, message: MappedMessage): boolean =>
  condition === null || evaluateCondition(condition, message).holds;

/** Returns the payload that the message becomes. Properties whose value is absent are omitted. Null: the body is no object. */
export function mappedPayload({ payload }: CompiledMapping, message: MappedMessage): JsonObject | null {
  if (payload !== null) {
    const values = payload.map(([name, operand]) => [name, evaluateOperand(operand, message) as Json | undefined] as const);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as JsonObject;
  }
  const { body } = message;
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as JsonObject) : null;
}

/** Returns the value of the expression for the subject. Undefined: the mapping has none, or the value is absent. */
export const mappedSubject = ({ subject }: CompiledMapping, message: MappedMessage): unknown =>
  subject === null ? undefined : evaluateOperand(subject, message);

function readCondition(problems: ProblemList, text: string): Condition | null {
  if (text.trim() === "") return null;
  const parsed = parseCondition(text);
  if (!parsed.ok) {
    problems.add(["condition"], "BAD_CONDITION", parsed.message);
    return null;
  }
  if (!readsMessage(problems, ["condition"], pathsOf(parsed.value))) return null;
  for (const { code, message } of checkCondition(parsed.value, SCOPE)) problems.add(["condition"], code, message);
  return parsed.value;
}

function readExpression(problems: ProblemList, text: string, path: Path): Operand | null {
  const parsed = parseOperand(text);
  if (parsed.ok && !readsMessage(problems, path, pathsOfOperand(parsed.value))) return null;
  return readOperand({ problems }, text, path, SCOPE);
}

function readPayload(problems: ProblemList, value: unknown): (readonly [string, Operand])[] {
  return readNamedValues({ problems }, value, ["payload"]).flatMap(([name, text]): (readonly [string, Operand])[] => {
    const path = ["payload", name];
    const operand = typeof text === "string" ? readExpression(problems, text, path) : readOperand({ problems }, text, path, SCOPE);
    return operand ? [[name, operand]] : [];
  });
}

function readsMessage(problems: ProblemList, path: Path, paths: readonly (readonly string[])[]): boolean {
  const unknown = paths.find(([root = ""]) => !LOCALS.has(root));
  if (!unknown) return true;
  const hint = didYouMean(pathText(unknown), [`body.${pathText(unknown)}`, ...LOCALS.keys()]);
  problems.add(
    path,
    "UNKNOWN_PATH",
    `There is no ${quote(pathText(unknown))} here. An expression reads "body", "headers" and "receivedAt".${hint}`,
  );
  return false;
}

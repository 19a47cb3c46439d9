/**
 * Triggers: compiles the condition and the values of a trigger against the schema of its event, and evaluates them for an event.
 * Expressions read the event and its payload, and nothing else.
 * This module never decides what happens to an instance: `start` and `fire` do.
 */
import { checkCondition, checkOperand } from "../conditions/check.js";
import { evaluateCondition, evaluateOperand, type ConditionResult } from "../conditions/evaluate.js";
import { pathsOf, pathsOfOperand } from "../conditions/paths.js";
import { parseCondition, parseOperand } from "../conditions/syntax/parse.js";
import type { Scope, ValueType } from "../conditions/value-types.js";
import { readNamedValues, readOperand } from "../definition/actions.js";
import { pathText, type Condition, type Operand } from "../model/condition.js";
import type { Json, JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { didYouMean, problemList, quote, type Path, type Problem, type ProblemList } from "../model/problems.js";
import type { CompiledSchema } from "../model/schema.js";
import { compileObjectSchema } from "../schema/compile.js";

/** The expressions of a trigger as written. */
export type TriggerSource = {
  /** CEL; empty: always. */
  readonly condition: string;
  /** Expressions by property of the data of a started instance. */
  readonly data: unknown;
  /** Expressions by property of the input of a transition. */
  readonly input: unknown;
  readonly correlationKey: string | null;
  /** The value that a field of the searched instances must have. */
  readonly value: string | null;
};

export type TriggerContext = {
  /** JSON Schemas of the objects that expressions read. */
  readonly event: JsonObject;
  readonly payload: JsonObject;
  /** The definition that is started; null: unknown, so its data is not checked. */
  readonly started: Machine | null;
  /** The definition whose instances are searched, and the transition; null: unknown. */
  readonly fired: { readonly machine: Machine; readonly transition: string } | null;
};

type Entries = readonly (readonly [string, Operand])[];

export type CompiledTrigger = {
  readonly condition: Condition | null;
  readonly data: Entries;
  readonly input: Entries;
  readonly correlationKey: Operand | null;
  readonly value: Operand | null;
};

/** An event as expressions read it. */
export type TriggeringEvent = { readonly event: JsonObject; readonly payload: JsonObject };

const ROOTS = ["event", "payload"];

/** Compiles the expressions. Paths of problems begin with the name of the expression: `condition`, `data.title`. */
export function compileTrigger(
  source: TriggerSource,
  { event, payload, started, fired }: TriggerContext,
): { readonly trigger: CompiledTrigger; readonly problems: readonly Problem[] } {
  const problems = problemList();
  const scope = scopeOfEvent(problems, { event, payload });
  const data = readValues(problems, source.data, "data", { ...scope, data: started?.data ?? null });
  if (started) checkRequired(problems, started.data, data, "data", "the definition");
  const inputs = fired && inputsOf(problems, fired);
  const input = readValues(problems, source.input, "input", { ...scope, input: inputs });
  if (inputs) checkRequired(problems, inputs, input, "input", "the transition");
  const trigger = {
    condition: readCondition(problems, source.condition, scope),
    data,
    input,
    correlationKey: readExpression(problems, source.correlationKey, ["correlationKey"], scope),
    value: readExpression(problems, source.value, ["value"], scope),
  };
  return { trigger, problems: problems.problems };
}

/** Returns what expressions over an event can read. */
export function scopeOfEvent(problems: ProblemList, schemas: Pick<TriggerContext, "event" | "payload">): Scope {
  const locals = new Map<string, ValueType>();
  for (const [name, schema] of Object.entries(schemas)) {
    const compiled = compileObjectSchema(schema, [name], problems);
    if (compiled) locals.set(name, { types: compiled.root.types, node: compiled.root });
  }
  return { data: null, input: null, isAction: true, locals };
}

/** Returns whether the condition holds for the event and, if it does not, which parts failed. */
export function evaluateTrigger({ condition }: CompiledTrigger, context: TriggeringEvent): ConditionResult {
  return condition ? evaluateCondition(condition, context) : { holds: true };
}

/** Returns the values of the properties. Properties whose value is absent are omitted. */
export function triggerValues(entries: Entries, context: TriggeringEvent): JsonObject {
  const values = entries.map(([name, operand]) => [name, evaluateOperand(operand, context) as Json | undefined] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as JsonObject;
}

/** Returns a value by which instances are correlated. Null if the event has none, or if it is neither text nor a number nor a Boolean. */
export function correlationValue(operand: Operand, context: TriggeringEvent): string | number | boolean | null {
  const value = evaluateOperand(operand, context);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

export function readCondition(problems: ProblemList, text: string, scope: Scope): Condition | null {
  if (text.trim() === "") return null;
  const parsed = parseCondition(text);
  if (!parsed.ok) {
    problems.add(["condition"], "BAD_CONDITION", parsed.message);
    return null;
  }
  if (!readsEvent(problems, ["condition"], pathsOf(parsed.value))) return null;
  for (const { code, message } of checkCondition(parsed.value, scope)) problems.add(["condition"], code, message);
  return parsed.value;
}

export function readExpression(problems: ProblemList, text: string | null, path: Path, scope: Scope): Operand | null {
  if (text === null) return null;
  const parsed = parseOperand(text);
  if (!parsed.ok) {
    problems.add(path, "BAD_CONDITION", `${parsed.message} Put literal text in quotes: "'done'".`);
    return null;
  }
  if (!readsEvent(problems, path, pathsOfOperand(parsed.value))) return null;
  for (const { code, message } of checkOperand(parsed.value, scope)) problems.add(path, code, message);
  return parsed.value;
}

function readValues(problems: ProblemList, value: unknown, root: "data" | "input", scope: Scope): Entries {
  if (value === undefined || value === null) return [];
  return readNamedValues({ problems }, value, [root]).flatMap(([name, text]): (readonly [string, Operand])[] => {
    const path = [root, name];
    const parsed = typeof text === "string" ? parseOperand(text) : null;
    if (parsed?.ok && !readsEvent(problems, path, pathsOfOperand(parsed.value))) return [];
    // Without a schema, every property is accepted here; the start or the firing decides.
    const target = scope[root] ? path : undefined;
    const operand = readOperand({ problems }, text, path, scope, target);
    return operand ? [[name, operand]] : [];
  });
}

export function readsEvent(problems: ProblemList, path: Path, paths: readonly (readonly string[])[]): boolean {
  const unknown = paths.find(([root = ""]) => !ROOTS.includes(root));
  if (!unknown) return true;
  const hint = didYouMean(pathText(unknown), [`payload.${pathText(unknown)}`, `event.${pathText(unknown)}`, ...ROOTS]);
  problems.add(path, "UNKNOWN_PATH", `There is no ${quote(pathText(unknown))} here. Only "event" and "payload" can be read.${hint}`);
  return false;
}

function checkRequired(problems: ProblemList, { root }: CompiledSchema, entries: Entries, name: string, by: string): void {
  const given = new Set(entries.map(([property]) => property));
  const missing = root.required.filter((property) => !given.has(property) && !root.properties.get(property)?.default);
  for (const property of missing)
    problems.add([name, property], "MISSING", `${quote(property)} is required by ${by}. Add an expression for it.`);
}

/** Returns the input schema of the transition, if it is the same in every state that has the transition. */
function inputsOf(problems: ProblemList, { machine, transition }: NonNullable<TriggerContext["fired"]>): CompiledSchema | null {
  const all = [...machine.states.values()].flatMap(({ transitions }) => transitions.get(transition) ?? []);
  if (all.length === 0) {
    const known = [...machine.states.values()].flatMap(({ transitions }) => [...transitions.keys()]);
    problems.add(
      ["transition"],
      "BAD_VALUE",
      `The definition ${quote(machine.key)} has no transition ${quote(transition)}.${didYouMean(transition, known)}`,
    );
    return null;
  }
  if (all.every(({ isAutomatic }) => isAutomatic))
    problems.add(["transition"], "BAD_VALUE", `The transition ${quote(transition)} fires automatically, so a trigger cannot fire it.`);
  const [only, ...others] = all;
  return others.length === 0 ? (only?.input ?? null) : null;
}

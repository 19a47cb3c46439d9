/** Reads what a step does, and what its failure does. */
import { DEFINITION_KEY, readFlag, readObject, readText, readTexts, ROLE, valueOr, type Source } from "../document/reader.js";
import type { FailureRule, RetryRule, StepType, ValueTemplate, Work } from "../model/automation.js";
import { didYouMean, quote, type Path, type ProblemList } from "../model/problems.js";
import { validateData } from "../schema/validate.js";
import { operandTypeProblem } from "../conditions/check.js";
import { names } from "../conditions/value-types.js";
import type { SchemaNode } from "../model/schema.js";
import { readSeconds } from "./durations.js";
import { readTemplate, type TemplateScope } from "./template.js";

export const WORK_KEYS = ["type", "with", "retry", "timeout"];
const RETRY_KEYS = ["attempts", "delay", "backoff", "max_delay", "on"];
const FAILURE_KEYS = ["then", "workflow", "inputs", "notify"];
const BACKOFFS = ["constant", "linear", "exponential"] as const;
const REACTIONS = ["fail", "continue", "compensate"] as const;
const MAX_ATTEMPTS = 50;
/** A timeout or a delay takes at most a week. People and events are waited for by steps without one. */
const MAX_SECONDS = 7 * 86_400;
const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

export const NO_RETRY: RetryRule = { attempts: 1, delaySeconds: 1, backoff: "exponential", maxDelaySeconds: 3600, on: null };

export type WorkReading = {
  readonly problems: ProblemList;
  readonly types: ReadonlyMap<string, StepType>;
  /** What the member of `with` can read. */
  readonly scopeOf: (type: StepType, member: string) => TemplateScope;
};

/** Reads the type of a step, its input, and how often it is tried. */
export function readWork({ problems, types, scopeOf }: WorkReading, source: Source, path: Path): Work | null {
  const name = readText(problems, source, "type", path, { maxChars: 64, isRequired: true, like: "http" });
  const type = name === null ? undefined : types.get(name);
  if (name !== null && !type)
    problems.add([...path, "type"], "BAD_VALUE", `There is no step type ${quote(name)}.${didYouMean(name, types.keys())}`);
  const retry = readRetry(problems, source["retry"], [...path, "retry"]);
  const timeoutSeconds = readSeconds(problems, source, "timeout", path, MAX_SECONDS);
  if (!type) return null;
  const input = readInput(problems, { value: valueOr(source, "with", {}), path: [...path, "with"], type, scopeOf });
  return input && { type: type.name, with: input, retry, timeoutSeconds };
}

type InputReading = { readonly value: unknown; readonly path: Path; readonly type: StepType; readonly scopeOf: WorkReading["scopeOf"] };

function readInput(problems: ProblemList, { value, path, type, scopeOf }: InputReading): ValueTemplate | null {
  const source = readObject(problems, value, path, [...type.input.root.properties.keys()]);
  if (!source) return null;
  const before = problems.problems.length;
  const members = Object.entries(source)
    .filter(([name]) => type.input.root.properties.has(name))
    .map(([name, member]) => [name, readTemplate(problems, member, [...path, name], scopeOf(type, name))] as const);
  for (const [name, template] of members)
    if (template)
      checkTypes(problems, template, type.input.root.properties.get(name), { path: [...path, name], scope: scopeOf(type, name) });
  const isSound = problems.problems.length === before;
  const read = members.flatMap(([name, template]) => (template ? [[name, template] as const] : []));
  // What contains expressions is checked when their values are known. What cannot be read was reported.
  const known = read.flatMap(([name, template]) => (template.kind === "value" ? [[name, template.value] as const] : []));
  const unknown = new Set(members.flatMap(([name, template]) => (template?.kind === "value" ? [] : [name])));
  for (const problem of validateData(type.input, Object.fromEntries(known), "with")) {
    const missing = [...unknown].some((name) => problem.path === `with.${name}` || problem.message.includes(JSON.stringify(name)));
    if (!missing) problems.add([...path.slice(0, -1), ...placeOf(problem.path)], "BAD_VALUE", problem.message);
  }
  if (!isSound) return null;
  const written = new Map(read);
  type.check?.({ known: Object.fromEntries(known), given: new Set(written.keys()), written }, (at, message) =>
    problems.add([...path, ...at], "BAD_VALUE", message),
  );
  return { kind: "object", members: read };
}

/** Reports expressions whose values never have the type that the schema wants. */
function checkTypes(
  problems: ProblemList,
  template: ValueTemplate,
  node: SchemaNode | undefined,
  { path, scope }: { readonly path: Path; readonly scope: TemplateScope },
): void {
  if (!node) return;
  if (template.kind === "expression") {
    const wanted = node.types;
    const problem = operandTypeProblem(template.operand, scope, wanted);
    const hint = wanted?.has("string") ? ' Within a text, the value becomes text, for example "number {{ inputs.count }}".' : "";
    if (problem !== null) problems.add(path, "BAD_VALUE", `${problem}${hint}`);
  } else if (template.kind === "text" && node.types && !node.types.has("string"))
    problems.add(path, "BAD_VALUE", `The value of these expressions is text, but must be ${names(node.types)}. Use a single expression.`);
  else if (template.kind === "list" && node.items)
    for (const [index, item] of template.items.entries()) checkTypes(problems, item, node.items, { path: [...path, index], scope });
  else if (template.kind === "object")
    for (const [name, member] of template.members) {
      const inside = node.properties.get(name) ?? (typeof node.additional === "object" ? withAnyText(node.additional) : undefined);
      checkTypes(problems, member, inside, { path: [...path, name], scope });
    }
}

/** Numbers and truth values become texts in maps of texts, such as an environment. */
const withAnyText = (node: SchemaNode): SchemaNode =>
  node.types?.has("string") ? { ...node, types: new Set([...node.types, "number", "integer", "boolean"]) } : node;

/** Returns `with.headers[0]` as a path. */
const placeOf = (text: string): Path =>
  [...text.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name ?? "") : Number(index),
  );

function readRetry(problems: ProblemList, value: unknown, path: Path): RetryRule {
  if (value === undefined) return NO_RETRY;
  if (typeof value === "number") return { ...NO_RETRY, attempts: readAttempts(problems, value, path) };
  const source = readObject(problems, value, path, RETRY_KEYS);
  if (!source) return NO_RETRY;
  const backoff = valueOr(source, "backoff", NO_RETRY.backoff);
  const known = BACKOFFS.find((one) => one === backoff);
  if (!known) problems.add([...path, "backoff"], "BAD_VALUE", `${quote(backoff)} is not one of ${BACKOFFS.join(", ")}.`);
  const on = readTexts(problems, source, "on", path, (code, where) => {
    if (!ERROR_CODE.test(code)) problems.add(where, "BAD_VALUE", `${quote(code)} is not a code of an error. Codes look like TIMEOUT.`);
  });
  return {
    attempts: readAttempts(problems, valueOr(source, "attempts", 3), [...path, "attempts"]),
    delaySeconds: readSeconds(problems, source, "delay", path, MAX_SECONDS) ?? NO_RETRY.delaySeconds,
    backoff: known ?? NO_RETRY.backoff,
    maxDelaySeconds: readSeconds(problems, source, "max_delay", path, MAX_SECONDS) ?? NO_RETRY.maxDelaySeconds,
    on: on.length === 0 ? null : on,
  };
}

function readAttempts(problems: ProblemList, value: unknown, path: Path): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_ATTEMPTS) return value;
  problems.add(path, "BAD_VALUE", `The number of attempts must be a whole number from 1 to ${MAX_ATTEMPTS}, not ${quote(value)}.`);
  return 1;
}

/**
 * Reads `on_failure` and `critical`: `fail` (the standard), `continue`, `compensate`, or an object that names the automation to fall back to and the
 * people to notify. `critical: false` is another way to write `continue`.
 */
export function readFailure(problems: ProblemList, step: Source, path: Path, scope: TemplateScope): FailureRule {
  const isOptional = step["critical"] !== undefined && !readFlag(problems, step, "critical", path);
  const value = step["on_failure"];
  const where = [...path, "on_failure"];
  const standard = isOptional ? "continue" : "fail";
  if (value === undefined) return { reaction: standard, workflow: null, notify: [] };
  if (isOptional) problems.add([...path, "critical"], "BAD_VALUE", "Use either `critical: false` or `on_failure`.");
  if (typeof value === "string") return { reaction: readReaction(problems, value, where), workflow: null, notify: [] };
  const source = readObject(problems, value, where, FAILURE_KEYS);
  if (!source) return { reaction: standard, workflow: null, notify: [] };
  const key = readText(problems, source, "workflow", where, { maxChars: 64, pattern: DEFINITION_KEY, like: "roll-back" });
  if (key !== null && source["then"] !== undefined)
    problems.add([...where, "then"], "BAD_VALUE", "The automation to fall back to decides what follows. Omit `then` or `workflow`.");
  if (key === null && source["inputs"] !== undefined)
    problems.add([...where, "workflow"], "MISSING", "These inputs need the automation that they are for: workflow: roll-back.");
  const inputs = key === null ? null : readTemplate(problems, valueOr(source, "inputs", {}), [...where, "inputs"], scope);
  return {
    reaction: key === null ? readReaction(problems, valueOr(source, "then", "fail"), [...where, "then"]) : "workflow",
    workflow: key === null || inputs === null ? null : { key, inputs },
    notify: readTexts(problems, source, "notify", where, (one, at) => {
      if (!ROLE.test(one))
        problems.add(at, "UNKNOWN_ROLE", `${quote(one)} is not a valid role key. Use owner, or a key such as operations.`);
    }),
  };
}

function readReaction(problems: ProblemList, value: unknown, path: Path): "fail" | "continue" | "compensate" {
  const known = REACTIONS.find((one) => one === value);
  if (!known)
    problems.add(path, "BAD_VALUE", `${quote(value)} is not one of ${REACTIONS.join(", ")}.${didYouMean(String(value), REACTIONS)}`);
  return known ?? "fail";
}

/** Actions of a definition. */
import { checkOperand } from "../conditions/check.js";
import { parseOperand } from "../conditions/syntax/parse.js";
import type { Operand } from "../model/condition.js";
import type { Scope } from "../conditions/value-types.js";
import { callName } from "../model/call.js";
import type { Json } from "../model/json.js";
import type { Action } from "../model/machine.js";
import type { CallFollowUp } from "../model/call.js";
import { isForbiddenKey, quote, type Path } from "../model/problems.js";
import { DEFINITION_KEY, NAME, readObject, readText, type Reading, type Source } from "../document/reader.js";
import { readNotify } from "./notify.js";
import { readTask, readTitle } from "./tasks.js";

const ACTION_KINDS = ["set", "openTask", "closeTask", "assign", "start", "emit", "call", "notify"];
const CALL_KEYS = ["integration", "action", "input", "into", "then", "onFailure"];
const INTEGRATION_KEY = /^(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_ACTIONS = 20;
const MAX_VALUES = 50;
const EVENT_TYPE = /^[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31}){1,3}$/;
export const DATA_PATH = /^data(\.[A-Za-z_][A-Za-z0-9_-]*){1,15}$/;

/** Reads the list of actions at `path`. The `input` of the scope is null for actions of states, because several transitions lead there. */
export function readActions(reading: Reading, value: unknown, path: Path, scope: Scope): readonly Action[] {
  if (value === undefined) return [];
  const { problems } = reading;
  if (!Array.isArray(value)) {
    problems.add(path, "WRONG_TYPE", `Expected a list of actions such as - set: { data.approved: true }, found ${quote(value)}.`);
    return [];
  }
  if (value.length > MAX_ACTIONS) problems.add(path, "TOO_LARGE", `There are ${value.length} actions; the maximum is ${MAX_ACTIONS}.`);
  return value.slice(0, MAX_ACTIONS).flatMap((entry, index) => {
    const where = [...path, index];
    const source = readObject(problems, entry, where, ACTION_KINDS);
    const kinds = source ? Object.keys(source).filter((key) => ACTION_KINDS.includes(key)) : [];
    if (source && kinds.length !== 1) problems.add(where, "BAD_VALUE", `An action must have exactly one of ${ACTION_KINDS.join(", ")}.`);
    const [kind] = kinds;
    return source && kind && kinds.length === 1 ? readAction(reading, kind, source[kind], [...where, kind], scope) : [];
  });
}

function readAction(reading: Reading, kind: string, value: unknown, path: Path, scope: Scope): readonly Action[] {
  const { problems } = reading;
  if (kind === "set") {
    return readNamedValues(reading, value, path).flatMap(([target, text]): Action[] => {
      const where = [...path, target];
      const targetPath = target.split(".");
      if (!DATA_PATH.test(target) || targetPath.some(isForbiddenKey)) {
        problems.add(where, "BAD_VALUE", `${quote(target)} cannot be set. Use a path in the data, for example data.approvedBy.`);
        return [];
      }
      const operand = readOperand(reading, text, where, scope, targetPath);
      return operand ? [{ kind: "set", path: targetPath.slice(1), value: operand }] : [];
    });
  }
  if (kind === "openTask") {
    const task = readTask(reading, value, path, { scope, readActions });
    return task ? [{ kind: "openTask", task }] : [];
  }
  if (kind === "closeTask") {
    if (typeof value !== "string") {
      problems.add(path, "WRONG_TYPE", `Expected the name of a task, found ${quote(value)}.`);
      return [];
    }
    reading.taskReferences.push({ name: value, path });
    return [{ kind: "closeTask", rule: value }];
  }
  if (kind === "assign") {
    const to = readOperand(reading, value, path, scope);
    const unfit = to && "value" in to ? whyNoPrincipal(reading, to.value) : null;
    if (unfit !== null) problems.add(path, "BAD_VALUE", unfit);
    return to ? [{ kind: "assign", to }] : [];
  }
  if (kind === "start") {
    const start = readStart(reading, value, path, scope);
    return start ? [{ kind: "start", ...start }] : [];
  }
  if (kind === "call") return readCall(reading, value, path, scope);
  if (kind === "notify") return readNotice(reading, value, path, scope);
  const source = readObject(problems, value, path, ["type", "payload"]);
  if (!source) return [];
  const type = readText(problems, source, "type", path, {
    maxChars: 100,
    isRequired: true,
    pattern: EVENT_TYPE,
    like: "inspection.requested",
  });
  const payload = readOperands(reading, source["payload"], [...path, "payload"], scope);
  return type === null ? [] : [{ kind: "emit", type, payload }];
}

/** Reads a call of an integration. Whether there is one with this key depends on the tenant, so it is only a warning. */
function readCall(reading: Reading, value: unknown, path: Path, scope: Scope): readonly Action[] {
  const { problems } = reading;
  const source = readObject(problems, value, path, CALL_KEYS);
  if (!source) return [];
  const integration = readText(problems, source, "integration", path, {
    maxChars: 64,
    isRequired: true,
    pattern: INTEGRATION_KEY,
    like: "crm",
  });
  const action = readText(problems, source, "action", path, { maxChars: 100, isRequired: true, like: "request" });
  const input = readOperands(reading, source["input"], [...path, "input"], scope);
  const followUp = readFollowUp(reading, source, path, scope);
  if (integration === null || action === null) return [];
  reading.calls.add(callName({ integration, action }));
  return [{ kind: "call", integration, action, input, followUp }];
}

/** Reads where a result is written, and the transitions that success and failure fire. */
export function readFollowUp(reading: Reading, source: Source, path: Path, scope: Scope): CallFollowUp {
  const { problems } = reading;
  const target = readText(problems, source, "into", path, { maxChars: 1000, pattern: DATA_PATH, like: "data.reply" });
  const into = target?.split(".") ?? null;
  if (into?.some(isForbiddenKey)) problems.add([...path, "into"], "BAD_VALUE", `${quote(target)} cannot be set.`);
  const fired = (key: "then" | "onFailure"): string | null => {
    const name = readText(problems, source, key, path, { maxChars: 64, pattern: NAME, like: "delivered" });
    if (name !== null) reading.callReferences.push({ name, path: [...path, key] });
    return name;
  };
  // The path must be declared, as those of `set`. The value is known later, so anything fits here.
  if (into !== null)
    for (const { code, message } of checkOperand({ value: null }, scope, into))
      if (code === "UNKNOWN_PATH") problems.add([...path, "into"], code, message);
  return { into: into && into.slice(1), onSuccess: fired("then"), onFailure: fired("onFailure") };
}

/** Returns why a literal value names nobody an instance can be assigned to. Null if it does, or removes the assignment. */
function whyNoPrincipal({ options: { readId } }: Reading, value: Json): string | null {
  if (value === null) return null;
  if (typeof value === "string" && value !== "" && (!readId || readId("user", value) !== null || readId("team", value) !== null))
    return null;
  return `Expected an expression with the ID of a user or a team, such as data.technician or actor.id, or null, found ${quote(value)}.`;
}

/** Reads which definition starts, and with which data. Whether it is published depends on the tenant, so that is only a warning. */
export function readStart(
  reading: Pick<Reading, "problems">,
  value: unknown,
  path: Path,
  scope: Scope,
): { readonly definition: string; readonly data: readonly (readonly [string, Operand])[] } | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, ["definition", "data"]);
  if (!source) return null;
  const definition = readText(problems, source, "definition", path, {
    maxChars: 64,
    isRequired: true,
    pattern: DEFINITION_KEY,
    like: "incident-review",
  });
  const data = readOperands(reading, source["data"], [...path, "data"], scope);
  return definition === null ? null : { definition, data };
}

/** Reads values by name. */
function readOperands(
  reading: Pick<Reading, "problems">,
  value: unknown,
  path: Path,
  scope: Scope,
): readonly (readonly [string, Operand])[] {
  const named = value === undefined ? [] : readNamedValues(reading, value, path);
  return named.flatMap(([name, text]): (readonly [string, Operand])[] => {
    const operand = readOperand(reading, text, [...path, name], scope);
    return operand ? [[name, operand]] : [];
  });
}

/** Returns the transitions that the results of calls and runs fire, before anything is read: those with `auto: call` or `auto: run` must be among them. */
export function calledTransitions(states: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if ((key === "call" || key === "run") && typeof member === "object" && member !== null) {
        const { then, onFailure } = member as { then?: unknown; onFailure?: unknown };
        for (const name of [then, onFailure]) if (typeof name === "string") names.add(name);
      }
      visit(member);
    }
  };
  visit(states);
  return names;
}

function readNotice(reading: Reading, value: unknown, path: Path, scope: Scope): readonly Action[] {
  const { problems } = reading;
  const source = readObject(problems, value, path, ["to", "title"]);
  if (!source) return [];
  const title = readTitle(reading, source, path, scope);
  if (source["to"] === undefined) problems.add([...path, "to"], "MISSING", 'The key "to" is missing, for example to: { owner: true }.');
  const to = readNotify(reading, source["to"], [...path, "to"]);
  return title && to ? [{ kind: "notify", to, title }] : [];
}

/** Returns the entries of a mapping from names to values, up to the maximum. */
export function readNamedValues(
  { problems }: Pick<Reading, "problems">,
  value: unknown,
  path: Path,
): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(readObject(problems, value, path, null) ?? {});
  if (entries.length > MAX_VALUES) problems.add(path, "TOO_LARGE", `There are ${entries.length} values; the maximum is ${MAX_VALUES}.`);
  return entries.slice(0, MAX_VALUES);
}

/** Text is an expression; every other value is a literal. */
export function readOperand(
  reading: Pick<Reading, "problems">,
  value: unknown,
  path: Path,
  scope: Scope,
  target?: readonly string[],
): Operand | null {
  const parsed = typeof value === "string" ? parseOperand(value) : { ok: true as const, value: { value: value as Json } };
  if (!parsed.ok) {
    reading.problems.add(path, "BAD_CONDITION", `${parsed.message} Put literal text in quotes: "'done'".`);
    return null;
  }
  for (const { code, message } of checkOperand(parsed.value, scope, target)) reading.problems.add(path, code, message);
  return parsed.value;
}

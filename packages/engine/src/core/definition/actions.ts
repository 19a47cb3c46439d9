/** Actions and tasks of a definition. */
import { checkOperand, pathProblem, type Scope } from "../conditions/check.js";
import { parseOperand } from "../conditions/parse.js";
import { FIXED_PATHS } from "../conditions/context.js";
import type { Operand } from "../conditions/tree.js";
import type { Action, TaskRule } from "../machine.js";
import { isForbiddenKey, quote, type Path } from "../problems.js";
import { parseTemplate, type Template } from "../templates.js";
import type { Json } from "../types.js";
import { NAME, readFlag, readObject, readRoles, readText, readTexts, type Reading, type Source } from "./reader.js";

const ACTION_KINDS = ["set", "openTask", "closeTask", "emit"];
const MAX_ACTIONS = 20;
const MAX_VALUES = 50;
const EVENT_TYPE = /^[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31}){1,3}$/;
const DATA_PATH = /^data(\.[A-Za-z_][A-Za-z0-9_-]*){1,15}$/;

/** The list of actions at `path`. `input` of the scope is null for actions of states: several transitions lead there. */
export function readActions(reading: Reading, value: unknown, path: Path, scope: Scope): readonly Action[] {
  if (value === undefined) return [];
  const { problems } = reading;
  if (!Array.isArray(value)) {
    problems.add(path, "WRONG_TYPE", `Expected a list of actions such as - set: { data.approved: true }, found ${quote(value)}.`);
    return [];
  }
  if (value.length > MAX_ACTIONS) problems.add(path, "TOO_LARGE", `There are ${value.length} actions; the most is ${MAX_ACTIONS}.`);
  return value.slice(0, MAX_ACTIONS).flatMap((entry, index) => {
    const where = [...path, index];
    const source = readObject(problems, entry, where, ACTION_KINDS);
    const kinds = source ? Object.keys(source).filter((key) => ACTION_KINDS.includes(key)) : [];
    if (source && kinds.length !== 1) problems.add(where, "BAD_VALUE", `An action has exactly one of ${ACTION_KINDS.join(", ")}.`);
    const [kind] = kinds;
    return source && kind && kinds.length === 1 ? readAction(reading, kind, source[kind], [...where, kind], scope) : [];
  });
}

function readAction(reading: Reading, kind: string, value: unknown, path: Path, scope: Scope): readonly Action[] {
  const { problems } = reading;
  if (kind === "set") {
    return namedValues(reading, value, path).flatMap(([target, text]): Action[] => {
      const where = [...path, target];
      const targetPath = target.split(".");
      if (!DATA_PATH.test(target) || targetPath.some(isForbiddenKey)) {
        problems.add(where, "BAD_VALUE", `${quote(target)} cannot be set; write the path in the data, for instance data.approvedBy.`);
        return [];
      }
      const operand = readOperand(reading, text, where, scope, targetPath);
      return operand ? [{ kind: "set", path: targetPath.slice(1), value: operand }] : [];
    });
  }
  if (kind === "openTask") {
    const task = readTask(reading, value, path, null, scope);
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
  const source = readObject(problems, value, path, ["type", "payload"]);
  if (!source) return [];
  const type = readText(problems, source, "type", path, {
    maxChars: 100,
    isRequired: true,
    pattern: EVENT_TYPE,
    like: "inspection.requested",
  });
  const payload = source["payload"] === undefined ? [] : namedValues(reading, source["payload"], [...path, "payload"]);
  const entries = payload.flatMap(([name, text]): (readonly [string, Operand])[] => {
    const operand = readOperand(reading, text, [...path, "payload", name], scope);
    return operand ? [[name, operand]] : [];
  });
  return type === null ? [] : [{ kind: "emit", type, payload: entries }];
}

function namedValues({ problems }: Reading, value: unknown, path: Path): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(readObject(problems, value, path, null) ?? {});
  if (entries.length > MAX_VALUES) problems.add(path, "TOO_LARGE", `There are ${entries.length} values; the most is ${MAX_VALUES}.`);
  return entries.slice(0, MAX_VALUES);
}

/** Text is an expression; every other value stands for itself. */
function readOperand(reading: Reading, value: unknown, path: Path, scope: Scope, target?: readonly string[]): Operand | null {
  const parsed = typeof value === "string" ? parseOperand(value) : { ok: true as const, value: { value: value as Json } };
  if (!parsed.ok) {
    reading.problems.add(path, "BAD_CONDITION", `${parsed.message} A text itself is written in quotes: "'done'".`);
    return null;
  }
  for (const { code, message } of checkOperand(parsed.value, scope, target)) reading.problems.add(path, code, message);
  return parsed.value;
}

/** A task rule. `name` null: the rule names itself (openTask); else it is the task of that state. */
export function readTask(reading: Reading, value: unknown, path: Path, name: string | null, scope: Scope): TaskRule | null {
  const { problems, tasks } = reading;
  const keys = name === null ? ["name", "title", "candidates", "lifetime"] : ["title", "candidates"];
  const source = readObject(problems, value, path, keys);
  if (!source) return null;
  const rule = name ?? readText(problems, source, "name", path, { maxChars: 64, isRequired: true, pattern: NAME, like: "inspection" });
  const title = readTitle(reading, source, path, scope);
  const lifetime = source["lifetime"] ?? "state";
  if (lifetime !== "state" && lifetime !== "instance")
    problems.add([...path, "lifetime"], "BAD_VALUE", `lifetime is state or instance, not ${quote(lifetime)}.`);
  const candidates = readCandidates(reading, source["candidates"], [...path, "candidates"]);
  if (rule === null || title === null || candidates === null) return null;
  if (tasks.has(rule) || (name === null && reading.stateNames.has(rule))) {
    problems.add(path, "BAD_VALUE", `There is already a task called ${quote(rule)}; tasks of states are called like their state.`);
    return null;
  }
  const task: TaskRule = {
    rule,
    title,
    lifetime: lifetime === "instance" ? "instance" : "state",
    count: 1,
    each: null,
    due: null,
    priority: "normal",
    checklist: [],
    form: null,
    candidates,
  };
  tasks.set(rule, task);
  return task;
}

function readCandidates(reading: Reading, value: unknown, path: Path): TaskRule["candidates"] | null {
  const { problems, options } = reading;
  if (value === undefined) {
    problems.add(path, "MISSING", "A task needs candidates, for instance candidates: { roles: [operations] }.");
    return null;
  }
  const source = readObject(problems, value, path, ["roles", "users", "teams", "owner", "assignee"]);
  if (!source) return null;
  if (Object.keys(source).length === 0) problems.add(path, "BAD_VALUE", "The task has no candidates, so nobody could do it.");
  const readIds = (key: string, kind: "user" | "team"): string[] => {
    const ids = readTexts(problems, source, key, path, (id, where) => {
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) problems.add(where, "BAD_VALUE", `${quote(id)} cannot be an id.`);
      else if (options.readId?.(kind, id) === null) problems.add(where, "UNKNOWN_ID", `There is no ${kind} ${quote(id)}.`);
    });
    return ids.map((id) => options.readId?.(kind, id) ?? id);
  };
  return {
    roles: readRoles(reading, source, path),
    users: readIds("users", "user"),
    teams: readIds("teams", "team"),
    owner: readFlag(problems, source, "owner", path),
    assignee: readFlag(problems, source, "assignee", path),
    from: [],
    route: null,
  };
}

function readTitle(reading: Reading, source: Source, path: Path, scope: Scope): Template | null {
  const { problems } = reading;
  const text = readText(problems, source, "title", path, { maxChars: 500, isRequired: true, like: '"Check {{ data.summary }}"' });
  if (text === null) return null;
  const where = [...path, "title"];
  const { template, problems: found } = parseTemplate(text);
  for (const message of found) problems.add(where, "BAD_TEMPLATE", message);
  for (const part of template.parts) {
    if (typeof part === "string") continue;
    const message = FIXED_PATHS.has(part.path.join(".")) ? null : pathProblem(part.path, scope);
    if (message) problems.add(where, "BAD_TEMPLATE", message);
  }
  return template;
}

/** Actions of a definition. */
import { checkOperand } from "../conditions/check.js";
import { parseOperand } from "../conditions/syntax/parse.js";
import type { Operand } from "../model/condition.js";
import type { Scope } from "../conditions/value-types.js";
import type { Json } from "../model/json.js";
import type { Action } from "../model/machine.js";
import { isForbiddenKey, quote, type Path } from "../model/problems.js";
import { readObject, readText, type Reading } from "../document/reader.js";
import { readTask } from "./tasks.js";

const ACTION_KINDS = ["set", "openTask", "closeTask", "emit"];
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
  const source = readObject(problems, value, path, ["type", "payload"]);
  if (!source) return [];
  const type = readText(problems, source, "type", path, {
    maxChars: 100,
    isRequired: true,
    pattern: EVENT_TYPE,
    like: "inspection.requested",
  });
  const payload = source["payload"] === undefined ? [] : readNamedValues(reading, source["payload"], [...path, "payload"]);
  const entries = payload.flatMap(([name, text]): (readonly [string, Operand])[] => {
    const operand = readOperand(reading, text, [...path, "payload", name], scope);
    return operand ? [[name, operand]] : [];
  });
  return type === null ? [] : [{ kind: "emit", type, payload: entries }];
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

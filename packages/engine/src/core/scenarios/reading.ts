import type { Actor } from "../model/actor.js";
import type { Reading, Source } from "../document/reader.js";
import type { EscalationRule } from "../model/escalation.js";
import type { JsonObject } from "../model/json.js";
import type { MachineState } from "../model/machine.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { isObject } from "../model/values.js";

/** What the readers of scenarios know of the definition: a step with an unknown name would only fail later. */
export type ScenarioReading = Reading & {
  readonly states: ReadonlyMap<string, MachineState>;
  readonly escalations: ReadonlyMap<string, EscalationRule>;
};

/** People by the names that the steps use. */
export type People = ReadonlyMap<string, Actor>;

export function findPerson({ problems }: Reading, value: unknown, path: Path, people: People): Actor | null {
  const found = typeof value === "string" ? people.get(value) : undefined;
  if (found) return found;
  const hint = typeof value === "string" ? didYouMean(value, people.keys()) : "";
  problems.add(path, "BAD_VALUE", `There is no person named ${quote(value)} in this scenario.${hint}`);
  return null;
}

export function findTask({ problems, tasks }: Reading, value: unknown, path: Path): string | null {
  if (typeof value === "string" && tasks.has(value)) return value;
  problems.add(
    path,
    "UNKNOWN_TASK",
    `There is no task ${quote(value)}.${typeof value === "string" ? didYouMean(value, tasks.keys()) : ""}`,
  );
  return null;
}

export function findChildRule({ problems, states }: ScenarioReading, value: unknown, path: Path): string | null {
  const rules = new Set([...states.values()].flatMap(({ children }) => children.map(({ rule }) => rule)));
  if (typeof value === "string" && rules.has(value)) return value;
  problems.add(
    path,
    "BAD_VALUE",
    `There are no children named ${quote(value)}.${typeof value === "string" ? didYouMean(value, rules) : ""}`,
  );
  return null;
}

/** Reads the name of a call, such as `crm.request`. */
export function findCall(
  { problems, calls }: Reading,
  value: unknown,
  path: Path,
): { readonly integration: string; readonly action: string } | null {
  if (typeof value === "string" && calls.has(value)) {
    const dot = value.indexOf(".");
    return { integration: value.slice(0, dot), action: value.slice(dot + 1) };
  }
  const hint = typeof value === "string" ? didYouMean(value, calls) : "";
  problems.add(path, "BAD_VALUE", `The definition makes no call ${quote(value)}.${hint}`);
  return null;
}

/** Reads an object. The run validates it against its schema. */
export function readData({ problems }: Reading, source: Source, key: string, path: Path): JsonObject | null {
  const value = source[key];
  if (value === undefined) return null;
  if (isObject(value)) return value as JsonObject;
  problems.add([...path, key], "WRONG_TYPE", `Expected a mapping of names to values, found ${quote(value)}.`);
  return null;
}

/** Reads the parts of a definition. Every function reports what is wrong, with its place, and continues, so all problems are reported at once. */
import { didYouMean, isForbiddenKey, quote, type Path, type ProblemList } from "../model/problems.js";
import { isObject } from "../model/values.js";
import type { Form } from "../model/form.js";
import type { CompiledSchema } from "../model/schema.js";
import type { CompileOptions } from "../model/compile-options.js";
import type { TaskRule } from "../model/machine.js";
import type { SlaRule } from "../model/sla/rule.js";

export type Source = { readonly [key: string]: unknown };

/** State that the readers of one definition share. */
export type Reading = {
  readonly problems: ProblemList;
  readonly options: CompileOptions;
  /** null if the data schema has problems. Paths are then not checked, to avoid follow-up problems. */
  readonly data: CompiledSchema | null;
  readonly stateNames: ReadonlySet<string>;
  /** The transition names of all states. */
  readonly transitionNames: ReadonlySet<string>;
  /** null: a form of this name exists, but it has problems. */
  readonly forms: ReadonlyMap<string, Form | null>;
  readonly tasks: Map<string, TaskRule>;
  /** Name of the calendar of the definition. */
  readonly calendar: string | null;
  /** `isUsed` is set as soon as something counts days or working time. `named` are the references to calendars. */
  readonly calendars: { isUsed: boolean; readonly named: { readonly name: string; readonly path: Path }[] };
  /** Service-level agreements by key, as in `Machine.slas`. */
  readonly slas: Map<string, SlaRule>;
  /** Transitions that escalations and results of calls fire. */
  readonly escalated: ReadonlySet<string>;
  /** References to task rules, checked after all states are read. */
  readonly taskReferences: { readonly name: string; readonly path: Path }[];
  /** References of calls to transitions, also checked then. */
  readonly callReferences: { readonly name: string; readonly path: Path }[];
  /** The names of the calls: the key of the integration, a dot, and its action. */
  readonly calls: Set<string>;
  /** Steps that `notSameAs` references, also checked then. */
  readonly stepReferences: { readonly name: string; readonly path: Path }[];
};

export const DEFINITION_KEY = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
export const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** Names of routes refer to rules that users create, so they have the form of keys. */
export const ROUTE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
export const ROLE = /^[a-z][a-z0-9_]{0,63}$/;
export const PERMISSION = /^[a-z][A-Za-z0-9]{0,31}(\.[a-z][A-Za-z0-9]{0,31}){1,3}$/;

/** Returns the object at `path`, if it is one. Reports keys that are not in `keys` (`x-…` keys are free for notes and tools). */
export function readObject(problems: ProblemList, value: unknown, path: Path, keys: readonly string[] | null): Source | null {
  if (!isObject(value)) {
    problems.add(path, "WRONG_TYPE", `Expected a mapping of names to values, found ${value === undefined ? "nothing" : quote(value)}.`);
    return null;
  }
  if (keys) {
    for (const key of Object.keys(value)) {
      if (problems.isFull()) break;
      if (keys.includes(key) || key.startsWith("x-")) continue;
      if (isForbiddenKey(key)) problems.add([...path, key], "FORBIDDEN_KEY", `The name ${quote(key)} is not allowed.`);
      else problems.add([...path, key], "UNKNOWN_KEY", `There is no key ${quote(key)} here.${didYouMean(key, keys)}`);
    }
  }
  return value;
}

export type TextOptions = { readonly maxChars: number; readonly isRequired?: true; readonly pattern?: RegExp; readonly like?: string };

export function readText(problems: ProblemList, source: Source, key: string, path: Path, options: TextOptions): string | null {
  const value = source[key];
  const where = [...path, key];
  if (value === undefined) {
    if (options.isRequired)
      problems.add(where, "MISSING", `The key ${quote(key)} is missing${options.like ? `, for example ${key}: ${options.like}` : ""}.`);
    return null;
  }
  if (typeof value !== "string") {
    problems.add(where, "WRONG_TYPE", `Expected text, found ${quote(value)}.`);
    return null;
  }
  if (value.length > options.maxChars) {
    problems.add(where, "BAD_VALUE", `The text has ${value.length} characters; the maximum is ${options.maxChars}.`);
    return null;
  }
  if (value.trim() === "" || (options.pattern && !options.pattern.test(value))) {
    problems.add(where, "BAD_VALUE", `${quote(value)} cannot be used here${options.like ? `; it should look like ${options.like}` : ""}.`);
    return null;
  }
  return value;
}

/** Returns the value of a key, or `standard` if the key is omitted. A key without a value is not treated as omitted. */
export function valueOr(source: Source, key: string, standard: unknown): unknown {
  return source[key] === undefined ? standard : source[key];
}

export function readFlag(problems: ProblemList, source: Source, key: string, path: Path): boolean {
  const value = source[key];
  if (value !== undefined && typeof value !== "boolean")
    problems.add([...path, key], "WRONG_TYPE", `Expected true or false, found ${quote(value)}.`);
  return value === true;
}

/** Reads a list of texts. A single text is read as a list of one. */
export function readTexts(
  problems: ProblemList,
  source: Source,
  key: string,
  path: Path,
  check: (text: string, where: Path) => void,
): readonly string[] {
  const value = source[key];
  if (value === undefined) return [];
  const where = [...path, key];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) problems.add(where, "BAD_VALUE", "The list is empty, so it would allow nobody. Omit the key instead.");
  if (list.length > 100) problems.add(where, "TOO_LARGE", `The list has ${list.length} entries; the maximum is 100.`);
  const texts: string[] = [];
  for (const [index, text] of list.slice(0, 100).entries()) {
    const place = Array.isArray(value) ? [...where, index] : where;
    if (typeof text !== "string") problems.add(place, "WRONG_TYPE", `Expected text, found ${quote(text)}.`);
    else {
      check(text, place);
      texts.push(text);
    }
  }
  return texts;
}

/** For authors who write the name of a role instead of its key: `Approver`. */
function likeness(role: string, known: readonly string[] = []): string {
  const key = role
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
  return known.includes(key) ? ` Did you mean ${quote(key)}?` : "";
}

/** Checks the form of role keys, and that the tenant has them if the caller knows its roles. */
export function readRoles(reading: Reading, source: Source, path: Path): readonly string[] {
  const { problems, options } = reading;
  return readTexts(problems, source, "roles", path, (role, where) => {
    if (!ROLE.test(role))
      problems.add(
        where,
        "UNKNOWN_ROLE",
        `${quote(role)} is not a valid role key. Role keys look like workflow_manager.${likeness(role, options.knownRoles)}`,
      );
    else if (options.knownRoles && !options.knownRoles.includes(role)) {
      problems.add(where, "UNKNOWN_ROLE", `The role ${quote(role)} does not exist.${didYouMean(role, options.knownRoles)}`);
    }
  });
}

/** Reads IDs of users or teams, and checks that they exist if the caller knows them. */
export function readIds({ problems, options }: Reading, source: Source, path: Path, key: "users" | "teams"): string[] {
  const kind = key === "users" ? "user" : "team";
  const ids = readTexts(problems, source, key, path, (id, where) => {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id))
      problems.add(
        where,
        "BAD_VALUE",
        `${quote(id)} is not a valid ID. The ID of a ${kind} looks like ${kind === "user" ? "usr" : "tem"}_01jabcdefghjkmnpqrstvwxyz0.`,
      );
    else if (options.readId?.(kind, id) === null) problems.add(where, "UNKNOWN_ID", `No ${kind} with the ID ${quote(id)} exists.`);
  });
  return ids.map((id) => options.readId?.(kind, id) ?? id);
}

/** `in_progress` becomes `In progress`. */
export function titleOf(name: string): string {
  const words = name
    .replace(/[_-]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Compares two definitions as documents. Pure: takes what `parseDefinition` returns, and does not depend on the store. */
import type { Json } from "../model/json.js";

export type ChangeKind = "ADDED" | "REMOVED" | "CHANGED";

/** What a change affects, from the largest to the smallest part of a definition that contains it. */
export type ChangedPart =
  | "DEFINITION"
  | "STATE"
  | "TRANSITION"
  | "CONDITION"
  | "RIGHTS"
  | "TASK"
  | "DECISION"
  | "CHILDREN"
  | "ACTIONS"
  | "STEP"
  | "TIMER"
  | "FORM"
  | "FIELD"
  | "SCENARIO"
  | "NOTE";

export type DocumentChange = {
  readonly kind: ChangeKind;
  readonly part: ChangedPart;
  /** Path from the root: `["states", "triage", "transitions", "approve", "when"]`. */
  readonly path: readonly string[];
  /** Undefined only if added. */
  readonly before?: Json | undefined;
  /** Undefined only if removed. */
  readonly after?: Json | undefined;
};

type Node = { readonly [key: string]: Json };

/**
 * Returns every difference, in the order of the new document, with removed parts after their former neighbors. A part that is added or removed is one
 * change, with everything in it; a part in both documents is compared member by member. Steps are compared by their IDs, other lists as a whole. The
 * order of keys does not count, with three exceptions: `set`, which assigns in order, the fields of a form, which are shown in order, and automatic
 * transitions, of which the first is fired. A different order of these, or of steps, is one change. The order of names in a list of users, roles or
 * similar does not count either.
 */
export function diffDocuments(from: unknown, to: unknown): DocumentChange[] {
  const changes: DocumentChange[] = [];
  compare(from as Json, to as Json, [], changes);
  return changes;
}

function compare(before: Json, after: Json, path: readonly string[], changes: DocumentChange[]): void {
  const isSameKind = Array.isArray(before) === Array.isArray(after);
  const [was, is] = isSameKind ? [membersOf(before, path), membersOf(after, path)] : [];
  if (was && is && !isReordered(was, is, path)) compareMembers(was, is, path, changes);
  else if ((was && is) || canonical(before, path) !== canonical(after, path))
    changes.push({ kind: "CHANGED", part: partAt(path), path, before, after });
}

function compareMembers(before: Node, after: Node, path: readonly string[], changes: DocumentChange[]): void {
  for (const key of keysOf(before, after)) {
    const below = [...path, key];
    const [was, is] = [valueAt(before, key), valueAt(after, key)];
    if (was === undefined) changes.push({ kind: "ADDED", part: partAt(below), path: below, after: is });
    else if (is === undefined) changes.push({ kind: "REMOVED", part: partAt(below), path: below, before: was });
    else compare(was, is, below, changes);
  }
}

/** Returns the parts that are compared one by one: the members of a node, or steps by their IDs. Null if the value is compared as a whole. */
function membersOf(value: Json, path: readonly string[]): Node | null {
  if (isNode(value)) return value;
  if (!Array.isArray(value) || !isOfSteps(path)) return null;
  const steps = Object.fromEntries((value as readonly Json[]).flatMap((step) => (isStep(step) ? [[step.id, step]] : [])));
  return Object.keys(steps).length === value.length ? steps : null;
}

const isStep = (value: Json): value is Node & { readonly id: string } => isNode(value) && typeof value["id"] === "string";

/** The steps of an automation, or of a state that runs some. */
const isOfSteps = (path: readonly string[]): boolean =>
  (path.length === 1 && path[0] === "steps") || (path.length === 4 && path[0] === "states" && path[2] === "run" && path[3] === "steps");

/** Whether the parts in both documents have a different order, where the order matters. */
function isReordered(before: Node, after: Node, path: readonly string[]): boolean {
  const areTransitions = path.length === 3 && path[0] === "states" && path[2] === "transitions";
  if (!areTransitions && !isOfFields(path) && !isOfSteps(path)) return false;
  const isAutomatic = (node: Node, key: string): boolean => valueAt(node[key], "auto") === true;
  const inBoth = (key: string): boolean =>
    Object.hasOwn(before, key) && Object.hasOwn(after, key) && (!areTransitions || (isAutomatic(before, key) && isAutomatic(after, key)));
  const kept = Object.keys(after).filter(inBoth);
  return Object.keys(before)
    .filter(inBoth)
    .some((key, index) => key !== kept[index]);
}

const isNode = (value: Json | undefined): value is Node => typeof value === "object" && value !== null && !Array.isArray(value);

const valueAt = (node: Json | undefined, key: string): Json | undefined =>
  isNode(node) && Object.hasOwn(node, key) ? node[key] : undefined;

const keysOf = (before: Node, after: Node): string[] => [
  ...Object.keys(after),
  ...Object.keys(before).filter((key) => !Object.hasOwn(after, key)),
];

/** Lists whose order does not matter, by the key that contains them. */
const SETS: ReadonlySet<string> = new Set(["roles", "permissions", "users", "teams", "notSameAs", "required"]);

/** Below these keys, a key is a name that the author chose, not a key of the format. */
const NAMED: ReadonlySet<string> = new Set([
  "properties",
  "transitions",
  "payload",
  "set",
  "tasks",
  "timers",
  "children",
  "result",
  "forms",
  "fields",
  "columns",
  "slas",
  "escalations",
]);

/** Values in a schema are plain values, whatever their keys are named. */
const VALUES: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);

const isOfFormat = (path: readonly string[]): boolean =>
  !NAMED.has(path.at(-2) ?? "") && !path.some((key) => VALUES.has(key)) && !isOfData(path);

/** Data that scenarios and children are given is plain data, whatever its keys are named. */
const isOfData = ([root, , inState]: readonly string[]): boolean => root === "scenarios" || (root === "states" && inState === "children");

const isSet = (path: readonly string[]): boolean => SETS.has(path.at(-1) ?? "") && isOfFormat(path);

/** The `set` of an action. */
const isOrdered = (path: readonly string[]): boolean => path.at(-1) === "set" && path.at(-2) === "[]" && isOfFormat(path);

/** Returns the same text for values with the same meaning. */
function canonical(value: Json, path: readonly string[]): string {
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => canonical(item, [...path, "[]"]));
    return `[${(isSet(path) ? items.toSorted() : items).join()}]`;
  }
  if (!isNode(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, [...path, key])}`);
  return `{${(isOrdered(path) || isOfFields(path) ? entries : entries.toSorted()).join()}}`;
}

/** Returns the part of a path that lies within a form; null if it is in none. */
function withinForm(path: readonly string[]): readonly string[] | null {
  if (path[0] === "forms") return path.length > 1 ? path.slice(2) : null;
  const inState = path[2];
  const inTask = path.indexOf("openTask");
  const at = inTask > 0 && path[inTask - 1] === "[]" ? inTask + 1 : inState === "task" ? 3 : 4;
  const hasForm = at !== 4 || inState === "transitions" || inState === "tasks" || inTask > 0;
  return hasForm && path[at] === "form" ? path.slice(at + 1) : null;
}

/** The fields of a form, or the columns of a table in it. */
function isOfFields(path: readonly string[]): boolean {
  const last = path.at(-1);
  if (last !== "fields" && last !== "columns") return false;
  const within = withinForm(path);
  return within?.[0] === "fields" && within.length === (last === "fields" ? 1 : 3);
}

/** Returns the part of the definition that a path leads into. */
function partAt(path: readonly string[]): ChangedPart {
  const [root, , inState, , inTransition] = path;
  if (root === "data") return "FIELD";
  // Positions 1 and 3 have names of states and transitions.
  if (path.some((key, at) => key.startsWith("x-") && at !== 1 && at !== 3)) return "NOTE";
  if (withinForm(path)) return "FORM";
  if (root === "scenarios") return "SCENARIO";
  if (root === "steps" || (root === "states" && inState === "run")) return "STEP";
  if (root !== "states") return "DEFINITION";
  if (path.length <= 2) return "STATE";
  if (inState === "timers") return "TIMER";
  if (inState === "task" || inState === "tasks") return "TASK";
  if (inState === "decide") return "DECISION";
  if (inState === "children" || inState === "join") return "CHILDREN";
  if (inState === "onEntry" || inState === "onExit") return "ACTIONS";
  if (inState !== "transitions" || path.length === 3) return "STATE";
  if (inTransition === "when") return "CONDITION";
  if (inTransition === "allow") return "RIGHTS";
  if (inTransition === "input") return "FIELD";
  return inTransition === "actions" ? "ACTIONS" : "TRANSITION";
}

/** What users call the values of an instance: the titles of the schema, of the fields of forms, and of states. */
import type { Labels } from "../conditions/labels.js";
import { titleOf } from "../document/reader.js";
import type { Operand } from "../model/condition.js";
import type { Machine } from "../model/machine.js";
import { quote } from "../model/problems.js";
import type { SchemaNode } from "../model/schema.js";
import { choicesOf, fieldOf } from "./data-form.js";

/** What is not data. Other paths are shown as they are. */
const FIXED_LABELS: ReadonlyMap<string, string> = new Map([
  ["instance.state", "the state"],
  ["instance.ownerId", "the owner"],
  ["instance.teamId", "the team"],
  ["instance.assignee.id", "the assignee"],
  ["request.type", "the request type"],
  ["actor.id", "you"],
  ["actor.roles", "your roles"],
  ["actor.permissions", "your permissions"],
  ["now", "the current time"],
  ["comment", "the comment"],
]);

/** IDs tell users nothing. */
const ID = /^(usr|tem|ven)_[0-9a-z]{26}$/;
const OTHERS: Readonly<Record<string, string>> = { usr: "another user", tem: "another team", ven: "another vendor" };

/**
 * Returns the labels of a definition.
 * @param actorId the user who reads the messages, as conditions see the ID
 */
export function labelsOf(machine: Machine, actorId: string): Labels {
  return labelsWithin({ machine, actorId, roots: new Map([["data", machine.data.root]]) });
}

type Known = {
  readonly machine: Machine;
  readonly actorId: string;
  /** The schemas of the data, and of the items of a list. */
  readonly roots: ReadonlyMap<string, SchemaNode>;
};

function labelsWithin(known: Known): Labels {
  return {
    of: (path) => labelOf(known, path),
    shown: (path, value) => shownValue(known, path, value),
    item: (list, index) => `${list}, item ${index + 1}`,
    inItems: (each, as) => {
      const items = itemsOf(known, each);
      return items ? labelsWithin({ ...known, roots: new Map([...known.roots, [as, items]]) }) : labelsWithin(known);
    },
  };
}

function labelOf({ machine, roots }: Known, [root = "", ...names]: readonly string[]): string | null {
  const start = roots.get(root);
  if (!start) return FIXED_LABELS.get([root, ...names].join(".")) ?? null;
  if (names.length === 0) return root === "data" ? "the data" : "the item";
  return names
    .map((name, index) => {
      const title = nodeAt(start, names.slice(0, index + 1))?.title ?? null;
      const field = root === "data" && index === 0 ? fieldOf(machine, name) : null;
      return title ?? field?.label ?? titleOf(name);
    })
    .join(": ");
}

function shownValue(known: Known, path: readonly string[], value: unknown): string | null {
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_SHOWN).map((item: unknown) => shownValue(known, path, item) ?? quote(item));
    return value.length === 0 ? "empty" : `${items.join(", ")}${value.length > MAX_SHOWN ? ", …" : ""}`;
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "string") return null;
  if (path.join(".") === "instance.state") return quote(known.machine.states.get(value)?.title ?? value);
  const [, kind] = ID.exec(value) ?? [];
  if (kind !== undefined) return value === known.actorId ? "you" : (OTHERS[kind] ?? null);
  const [root = "", ...names] = path;
  const node = known.roots.get(root);
  const found = node && nodeAt(node, names);
  const field = root === "data" && names.length === 1 ? fieldOf(known.machine, names[0] ?? "") : null;
  const title = choicesOf(field)?.get(value) ?? ((found?.enum ?? found?.items?.enum) ? titleOf(value) : null);
  return title === null ? null : quote(title);
}

const MAX_SHOWN = 10;

/** The schema of a property. Null if it is not declared. */
function nodeAt(start: SchemaNode, names: readonly string[]): SchemaNode | null {
  let node: SchemaNode | undefined = start;
  for (const name of names) node = node?.properties.get(name);
  return node ?? null;
}

/** The schema of the items of a list, or of those that a filter leaves. Null if it is not declared. */
function itemsOf(known: Known, each: Operand): SchemaNode | null {
  if ("each" in each && "where" in each) return itemsOf(known, each.each);
  if (!("path" in each)) return null;
  const [root = "", ...names] = each.path;
  const start = known.roots.get(root);
  return (start && nodeAt(start, names)?.items) ?? null;
}

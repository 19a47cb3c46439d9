import { quote } from "@weft/shared/errors";
import type { TargetPath } from "../filter/filter.js";
import { impliedValues, valuesNamedBy } from "../filter/match.js";
import { parsePath } from "../filter/parse-filter.js";
import { attributesOf, findAttribute } from "./attribute.js";
import type { Attribute, Schema } from "./attribute.js";
import { readValue, shown } from "./read-resource.js";
import type { Resource } from "./read-resource.js";
import { ScimRefusal } from "./scim-refusal.js";
import { Budget, ValueList } from "./value-list.js";
import type { Item } from "./value-list.js";

type Kind = "add" | "replace" | "remove";

interface Operation {
  readonly kind: Kind;
  readonly path: string | null;
  readonly value: unknown;
}

const maxOperations = 250;
const messageSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const operationKinds: readonly string[] = ["add", "replace", "remove"];

/** Attributes of the standard that Weft does not have. Providers send them by default, so operations on them are ignored, like in a POST. */
const foreignAttributes: ReadonlySet<string> = new Set([
  "nickname",
  "profileurl",
  "usertype",
  "preferredlanguage",
  "password",
  "ims",
  "photos",
  "addresses",
  "entitlements",
  "roles",
  "x509certificates",
]);

/** The same for parts of attributes, by the name of the attribute. */
const foreignParts: Readonly<Record<string, ReadonlySet<string>>> = {
  name: new Set(["middlename", "honorificprefix", "honorificsuffix"]),
};

/**
 * Applies the body of a PATCH (RFC 7644, section 3.5.2) to a resource and returns the result. Operations can be in any case, and a value without a path can
 * have paths as names, as Entra ID sends it.
 * @throws ScimRefusal
 */
export function applyPatch(schema: Schema, resource: Resource, body: unknown): Resource {
  const patched: Patched = { resource: { ...resource }, lists: new Map(), budget: new Budget() };
  for (const operation of operationsOf(body).flatMap((one) => targetsOf(schema, one))) applyAt(schema, patched, operation);
  for (const [name, list] of patched.lists) {
    if (list.size === 0) delete patched.resource[name];
    else patched.resource[name] = list.items();
  }
  return patched.resource;
}

/**
 * Returns the values of an attribute that the body of a PATCH adds and removes by name, such as IDs of members. Null if it is about others, too, so that
 * all of them must be known to apply it.
 * @throws ScimRefusal
 */
export function valuesNamedByPatch(schema: Schema, name: string, body: unknown): readonly string[] | null {
  const attribute = findAttribute(attributesOf(schema), name);
  const values: string[] = [];
  for (const { kind, target, value } of operationsOf(body).flatMap((operation) => targetsOf(schema, operation))) {
    if (!attribute || findAttribute(attributesOf(schema), target.attribute) !== attribute) continue;
    const named = valuesNamedByOperation(attribute, { kind, target, value });
    if (named === null) return null;
    values.push(...named);
  }
  return values;
}

function valuesNamedByOperation(attribute: Attribute, { kind, target: { filter, sub }, value }: TargetOperation): readonly string[] | null {
  if (sub !== null || kind === "replace") return null;
  if (filter !== null) return kind === "remove" ? valuesNamedBy(filter) : null;
  if (kind === "remove" && (value === undefined || value === null)) return null;
  const items = (readValue(attribute, value) ?? []) as readonly Item[];
  return items.flatMap((item) => (typeof item["value"] === "string" ? [item["value"]] : []));
}

interface Patched {
  /** Its objects are replaced, and not changed. */
  readonly resource: Resource;
  /** Values of the attributes that operations have changed so far, by the name of the attribute. */
  readonly lists: Map<string, ValueList>;
  readonly budget: Budget;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function operationsOf(body: unknown): readonly Operation[] {
  if (!isObject(body)) throw new ScimRefusal(400, "The body must be a JSON object.", "invalidSyntax");
  const { schemas } = body;
  if (!Array.isArray(schemas) || !schemas.includes(messageSchema))
    throw new ScimRefusal(400, `schemas must include ${messageSchema}.`, "invalidSyntax");
  const operations = body["Operations"] ?? body["operations"];
  if (!Array.isArray(operations) || operations.length === 0)
    throw new ScimRefusal(400, "Operations must be a list with at least one operation.", "invalidSyntax");
  if (operations.length > maxOperations)
    throw new ScimRefusal(400, `There are ${operations.length} operations. Send at most ${maxOperations} in a request.`, "tooMany");
  return operations.map(operationOf);
}

function operationOf(operation: unknown): Operation {
  if (!isObject(operation)) throw new ScimRefusal(400, "An operation must be an object.", "invalidSyntax");
  const { op, path, value } = operation;
  const kind = typeof op === "string" ? op.toLowerCase() : "";
  if (!operationKinds.includes(kind))
    throw new ScimRefusal(400, `${shown(op)} is not an operation. Use add, replace, or remove.`, "invalidSyntax");
  if (path !== undefined && path !== null && typeof path !== "string")
    throw new ScimRefusal(400, "A path must be a string.", "invalidPath");
  return { kind: kind as Kind, path: typeof path === "string" && path.trim() !== "" ? path : null, value };
}

/** Returns what an operation changes. Without a path, that is each attribute of its value. */
function targetsOf(schema: Schema, { kind, path, value }: Operation): readonly TargetOperation[] {
  if (path !== null) return [{ kind, target: parsePath(path), value }];
  if (kind === "remove") throw new ScimRefusal(400, "An operation that removes must have a path.", "noTarget");
  if (!isObject(value)) throw new ScimRefusal(400, "Without a path, the value must be an object.", "invalidValue");
  return Object.entries(value).flatMap(([name, one]) => {
    const attribute = findAttribute(attributesOf(schema), name);
    // Some clients repeat the ID and the schemas.
    const isIgnored = attribute === undefined ? isForeign(schema, name) : attribute.mutability === "readOnly";
    return isIgnored ? [] : [{ kind, target: parsePath(name), value: one }];
  });
}

/** Whether a name without a path is that of an extension, or of an attribute that Weft does not have. */
const isForeign = ({ id }: Schema, name: string): boolean =>
  /^urn:/i.test(name) ? !name.toLowerCase().startsWith(`${id.toLowerCase()}:`) : /^[a-z$][\w$-]*$/i.test(name);

interface TargetOperation {
  readonly kind: Kind;
  readonly target: TargetPath;
  readonly value: unknown;
}

function applyAt(schema: Schema, patched: Patched, { kind, target, value }: TargetOperation): void {
  if (target.schema !== null && target.schema !== schema.id.toLowerCase()) return;
  if (foreignAttributes.has(target.attribute)) return;
  const attribute = findAttribute(attributesOf(schema), target.attribute);
  if (!attribute) throw new ScimRefusal(400, `There is no attribute ${quote(target.attribute)}.`, "invalidPath");
  if (attribute.mutability === "readOnly") throw new ScimRefusal(400, `The attribute ${attribute.name} cannot be changed.`, "mutability");
  if (attribute.type !== "complex" && (target.sub !== null || target.filter !== null))
    throw new ScimRefusal(400, `The attribute ${attribute.name} has no parts.`, "invalidPath");
  // Like in a POST, for parts of the standard that Weft does not have, such as a middle name.
  if (target.sub !== null && isForeignPart(attribute, target.sub)) return;
  if (attribute.multiValued) applyToList(patched, attribute, { kind, target, value });
  else applyToSingle(patched.resource, attribute, { kind, target, value });
}

function applyToSingle(resource: Resource, attribute: Attribute, { kind, target, value }: TargetOperation): void {
  if (target.filter !== null) throw new ScimRefusal(400, `The attribute ${attribute.name} has one value.`, "invalidPath");
  const { name } = attribute;
  if (target.sub !== null) {
    resource[name] = withPart(attribute, (resource[name] ?? {}) as Item, { kind, target, value });
    return;
  }
  const read = kind === "remove" ? undefined : readValue(attribute, value);
  if (read === undefined) delete resource[name];
  // Parts that are not named keep their values.
  else resource[name] = attribute.type === "complex" ? { ...(resource[name] as Item | undefined), ...(read as Item) } : read;
}

/** Whether a part of a complex attribute is one that Weft does not have, or that clients cannot set. */
function isForeignPart({ name, subAttributes = [] }: Attribute, sub: string): boolean {
  const part = findAttribute(subAttributes, sub);
  return part ? part.mutability === "readOnly" : (foreignParts[name]?.has(sub) ?? false);
}

function applyToList({ resource, lists, budget }: Patched, attribute: Attribute, { kind, target, value }: TargetOperation): void {
  const { name } = attribute;
  const list = lists.get(name) ?? new ValueList((resource[name] ?? []) as readonly Item[], budget);
  lists.set(name, list);
  if (target.filter === null) changeList(attribute, list, { kind, target, value });
  else changeFiltered(attribute, list, { kind, target, value });
}

/** Applies an operation to the entire list. */
function changeList(attribute: Attribute, list: ValueList, { kind, target, value }: TargetOperation): void {
  if (target.sub !== null) {
    // Without a filter, the part of every value. Without a value, a new one.
    if (kind !== "remove" && list.size === 0) list.add(withPart(attribute, {}, { kind, target, value }));
    else list.change(null, (item) => withPart(attribute, item, { kind, target, value }));
    return;
  }
  const given = (readValue(attribute, value) ?? []) as readonly Item[];
  // Entra ID removes members by their values, without a filter.
  if (kind === "remove" && value !== undefined && value !== null) {
    for (const item of given) list.remove(item);
    return;
  }
  if (kind !== "add") list.clear();
  if (kind === "remove") return;
  for (const item of kind === "replace" ? given : given.filter((one) => !list.has(one))) list.add(item);
  if (kind === "add") keepOnePrimary(list, given);
}

/** Applies an operation to the values that meet the condition of its path. */
function changeFiltered(attribute: Attribute, list: ValueList, { kind, target, value }: TargetOperation): void {
  const { filter, sub } = target;
  if (filter === null) return;
  if (kind === "remove") {
    // Removing what is not there changes nothing.
    list.change(filter, (item) => (sub === null ? null : withPart(attribute, item, { kind, target, value })));
    return;
  }
  const change = (item: Item): Item =>
    sub === null
      ? { ...item, ...((readValue({ ...attribute, multiValued: false }, value) ?? {}) as Item) }
      : withPart(attribute, item, { kind, target, value });
  const changed: Item[] = [];
  const isFound = list.change(filter, (item) => {
    changed.push(change(item));
    return changed.at(-1) ?? item;
  });
  if (isFound) return keepOnePrimary(list, changed);
  // A value that does not exist yet is made, as Entra ID expects: emails[type eq "work"].value.
  const implied = impliedValues(filter);
  if (implied === null) throw new ScimRefusal(400, `No value of ${attribute.name} meets the condition of the path.`, "noTarget");
  const made = change((readValue({ ...attribute, multiValued: false }, implied) ?? {}) as Item);
  list.add(made);
  keepOnePrimary(list, [made]);
}

/** Returns a complex value with one part changed. */
function withPart(attribute: Attribute, item: Item, { kind, target: { sub }, value }: TargetOperation): Item {
  const part = findAttribute(attribute.subAttributes ?? [], sub ?? "");
  if (!part) throw new ScimRefusal(400, `The attribute ${attribute.name} has no part ${quote(sub ?? "")}.`, "invalidPath");
  const { [part.name]: _before, ...rest } = item;
  const read = kind === "remove" ? undefined : readValue(part, value, `${attribute.name}.${part.name}`);
  return read === undefined ? rest : { ...rest, [part.name]: read };
}

/** A new primary value replaces the former one (RFC 7644, section 3.5.2). Not before it has a value, because those without one are ignored. */
function keepOnePrimary(list: ValueList, added: readonly Item[]): void {
  const primary = added.findLast((item) => item["primary"] === true && item["value"] !== undefined);
  if (primary === undefined) return;
  const items = list.items();
  // It is not in the list itself if the list had the value before. The same value can have several types.
  const target =
    items.find((item) => item === primary) ??
    items.find((item) => isSameValue(item, primary) && item["type"] === primary["type"]) ??
    items.find((item) => isSameValue(item, primary));
  list.change(null, (item) => {
    const isPrimary = item === target;
    return isPrimary === (item["primary"] === true) ? item : { ...item, primary: isPrimary };
  });
}

const isSameValue = (one: Item, other: Item): boolean => String(one["value"]).toLowerCase() === String(other["value"]).toLowerCase();

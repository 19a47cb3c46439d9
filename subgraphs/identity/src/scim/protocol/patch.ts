import { quote } from "@weft/shared";
import type { TargetPath } from "../filter/filter.js";
import { impliedValues, matches } from "../filter/match.js";
import { parsePath } from "../filter/parse-filter.js";
import { attributesOf, findAttribute } from "./attribute.js";
import type { Attribute, Schema } from "./attribute.js";
import { readValue } from "./read-resource.js";
import type { Resource } from "./read-resource.js";
import { ScimRefusal } from "./scim-refusal.js";

type Kind = "add" | "replace" | "remove";

interface Operation {
  readonly kind: Kind;
  readonly path: string | null;
  readonly value: unknown;
}

type Item = Record<string, unknown>;

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

/**
 * Applies the body of a PATCH (RFC 7644, section 3.5.2) to a resource and returns the result. Operations can be in any case, and a value without a path can
 * have paths as names, as Entra ID sends it.
 * @throws ScimRefusal
 */
export function applyPatch(schema: Schema, resource: Resource, body: unknown): Resource {
  const patched: Resource = structuredClone(resource);
  for (const operation of operationsOf(body)) apply(schema, patched, operation);
  return patched;
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
    throw new ScimRefusal(400, `${quote(String(op))} is not an operation. Use add, replace, or remove.`, "invalidSyntax");
  if (path !== undefined && path !== null && typeof path !== "string")
    throw new ScimRefusal(400, "A path must be a string.", "invalidPath");
  return { kind: kind as Kind, path: typeof path === "string" && path.trim() !== "" ? path : null, value };
}

function apply(schema: Schema, resource: Resource, { kind, path, value }: Operation): void {
  if (path !== null) return applyAt(schema, resource, { kind, target: parsePath(path), value });
  if (kind === "remove") throw new ScimRefusal(400, "An operation that removes must have a path.", "noTarget");
  if (!isObject(value)) throw new ScimRefusal(400, "Without a path, the value must be an object.", "invalidValue");
  for (const [name, one] of Object.entries(value)) {
    // Some clients repeat the ID and the schemas.
    const attribute = findAttribute(attributesOf(schema), name);
    if (attribute?.mutability === "readOnly") continue;
    if (attribute === undefined && isForeign(schema, name)) continue;
    applyAt(schema, resource, { kind, target: parsePath(name), value: one });
  }
}

/** Whether a name without a path is that of an extension, or of an attribute that Weft does not have. */
const isForeign = ({ id }: Schema, name: string): boolean =>
  /^urn:/i.test(name) ? !name.toLowerCase().startsWith(`${id.toLowerCase()}:`) : /^[a-z$][\w$-]*$/i.test(name);

interface TargetOperation {
  readonly kind: Kind;
  readonly target: TargetPath;
  readonly value: unknown;
}

function applyAt(schema: Schema, resource: Resource, { kind, target, value }: TargetOperation): void {
  if (target.schema !== null && target.schema !== schema.id.toLowerCase()) return;
  if (foreignAttributes.has(target.attribute)) return;
  const attribute = findAttribute(attributesOf(schema), target.attribute);
  if (!attribute) throw new ScimRefusal(400, `There is no attribute ${quote(target.attribute)}.`, "invalidPath");
  if (attribute.mutability === "readOnly") throw new ScimRefusal(400, `The attribute ${attribute.name} cannot be changed.`, "mutability");
  if (attribute.type !== "complex" && (target.sub !== null || target.filter !== null))
    throw new ScimRefusal(400, `The attribute ${attribute.name} has no parts.`, "invalidPath");
  if (attribute.multiValued) applyToList(resource, attribute, { kind, target, value });
  else applyToSingle(resource, attribute, { kind, target, value });
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

function applyToList(resource: Resource, attribute: Attribute, { kind, target, value }: TargetOperation): void {
  const { name } = attribute;
  const items = (resource[name] ?? []) as Item[];
  const after =
    target.filter === null
      ? changedList(attribute, items, { kind, target, value })
      : filteredList(attribute, items, { kind, target, value });
  if (after.length === 0) delete resource[name];
  else resource[name] = after;
}

/** Applies an operation to the entire list. */
function changedList(attribute: Attribute, items: readonly Item[], { kind, target, value }: TargetOperation): readonly Item[] {
  if (target.sub !== null) {
    // Without a filter, the part of every value. Without a value, a new one.
    if (kind !== "remove" && items.length === 0) return [withPart(attribute, {}, { kind, target, value })];
    return items.map((item) => withPart(attribute, item, { kind, target, value }));
  }
  const given = (readValue(attribute, value) ?? []) as Item[];
  if (kind === "replace") return given;
  const keys = new Set(given.map(keyOf));
  // Entra ID removes members by their values, without a filter.
  if (kind === "remove") return value === undefined || value === null ? [] : items.filter((item) => !keys.has(keyOf(item)));
  const known = new Set(items.map(keyOf));
  return withPrimary([...items, ...given.filter((item) => !known.has(keyOf(item)))], given);
}

/** Applies an operation to the values that meet the condition of its path. */
function filteredList(attribute: Attribute, items: readonly Item[], { kind, target, value }: TargetOperation): readonly Item[] {
  const { filter, sub } = target;
  if (filter === null) return items;
  const isMeant = (item: Item): boolean => matches(filter, item);
  if (kind === "remove") {
    // Removing what is not there changes nothing.
    if (sub === null) return items.filter((item) => !isMeant(item));
    return items.map((item) => (isMeant(item) ? withPart(attribute, item, { kind, target, value }) : item));
  }
  const change = (item: Item): Item =>
    sub === null
      ? { ...item, ...((readValue({ ...attribute, multiValued: false }, value) ?? {}) as Item) }
      : withPart(attribute, item, { kind, target, value });
  if (items.some(isMeant)) return items.map((item) => (isMeant(item) ? change(item) : item));
  // A value that does not exist yet is made, as Entra ID expects: emails[type eq "work"].value.
  const implied = impliedValues(filter);
  if (implied === null) throw new ScimRefusal(400, `No value of ${attribute.name} meets the condition of the path.`, "noTarget");
  return [...items, change((readValue({ ...attribute, multiValued: false }, implied) ?? {}) as Item)];
}

/** Returns a complex value with one part changed. */
function withPart(attribute: Attribute, item: Item, { kind, target: { sub }, value }: TargetOperation): Item {
  const part = findAttribute(attribute.subAttributes ?? [], sub ?? "");
  if (!part) throw new ScimRefusal(400, `The attribute ${attribute.name} has no part ${quote(sub ?? "")}.`, "invalidPath");
  if (part.mutability === "readOnly") throw new ScimRefusal(400, `${attribute.name}.${part.name} cannot be changed.`, "mutability");
  const { [part.name]: _before, ...rest } = item;
  const read = kind === "remove" ? undefined : readValue(part, value, `${attribute.name}.${part.name}`);
  return read === undefined ? rest : { ...rest, [part.name]: read };
}

const keyOf = ({ value }: Item): string => String(value).toLowerCase();

/** A new primary value replaces the former one (RFC 7644, section 3.5.2). */
function withPrimary(items: readonly Item[], added: readonly Item[]): readonly Item[] {
  const primary = added.findLast((item) => item["primary"] === true);
  if (primary === undefined) return items;
  return items.map((item) => (item["primary"] === true && keyOf(item) !== keyOf(primary) ? { ...item, primary: false } : item));
}

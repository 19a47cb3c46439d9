/** Custom fields of objects: validates the values of an input against the current schema of the tenant, and encrypts those that the schema says. */
import { BadUserInput, Forbidden, type Problem } from "@weft/shared/errors";
import { isOfVendor } from "@weft/platform/access";
import { type CustomFieldOwner, fieldPlace, ownerColumns, ownerName } from "@weft/platform/custom-field-kinds";
import type { Tx } from "@weft/platform/db";
import type { OnceCall } from "@weft/platform/idempotency";
import { unreadable } from "@weft/platform/privacy";
import { isSealedValue, type SealedValueObject } from "@weft/platform/secrets";
import type { Context } from "@weft/api/context";
import { type FieldObject, openFieldsIn, type PlainField, sealFields } from "@weft/api/custom-fields";
import type { FieldSchema } from "../../core/custom-fields/compile.js";
import { changedFieldValues, newFieldValues, type FieldsResult } from "../../core/custom-fields/values.js";
import type { Json, JsonObject } from "../../core/model/json.js";
import { asJsonObject } from "../../core/model/values.js";
import { findFieldSchema, type VersionedFields } from "./schemas.js";

/** Columns of the object's row. */
export type FieldColumns = { readonly fields: JsonObject; readonly fieldsVersion: number };

/** Who writes. */
type Writer = Pick<Context, "services" | "viewer">;

/** The object, the values that it has, and the input `fields`. Values are bound to the object, so its UUID must be known before it is inserted. */
export interface ChangedFields {
  readonly id: string;
  readonly before: JsonObject;
  readonly given: unknown;
}

/**
 * Returns the values of a new object.
 * @param given the input `fields`; absent: none. Fields that the schema requires are then missing
 * @throws BadUserInput with a problem for each value that does not fit, at `input.fields.…`
 */
export async function fieldsOfNew(
  tx: Tx,
  writer: Writer,
  owner: CustomFieldOwner,
  { id, given }: Omit<ChangedFields, "before">,
): Promise<FieldColumns> {
  const current = await findFieldSchema(tx, owner);
  if (current === null) {
    assertNone(owner, given);
    return { fields: {}, fieldsVersion: 0 };
  }
  const result = newFieldValues(current.schema, given ?? {});
  assertWritable(writer, current, given);
  return stored(tx, writer, { object: objectOf(owner, id), current, result, before: {}, opened: new Map() });
}

interface KeyedInput {
  readonly idempotencyKey?: string | null;
  readonly fields?: unknown;
}

/**
 * Returns the input of a mutation for the hash that its idempotency key is bound to. Values of encrypted fields are replaced by blind indexes, because
 * somebody who can read the hash could otherwise try which value it is of. The indexes are those of the tenant's newest data key; the other forms have
 * those of earlier keys, with which the first call can have been hashed. Takes statements only if the input has a key and custom fields.
 */
export async function keyedInput<Input extends KeyedInput>(
  tx: Tx,
  { services, viewer }: Writer,
  owner: CustomFieldOwner,
  input: Input,
): Promise<Pick<OnceCall, "otherForms"> & { readonly input: Input }> {
  const given = asJsonObject(input.fields);
  if (typeof input.idempotencyKey !== "string" || given === null || Object.keys(given).length === 0) return { input };
  const current = await findFieldSchema(tx, owner);
  const values = Object.entries(given).flatMap(([name, value]) =>
    current?.schema.encrypted.has(name) && typeof value === "string" ? [{ name, value }] : [],
  );
  if (values.length === 0) return { input };
  const { kind } = ownerColumns(owner);
  const searched = values.map(({ name, value }) => ({ indexedAs: fieldPlace(kind, name), value }));
  const indexes = await services.secrets.currentBlindIndexes(tx, viewer.tenantId, searched);
  const formOf = (key: number): Input => {
    const hidden = values.map(({ name }, at) => [name, indexes[at]?.[key]]);
    return { ...input, fields: { ...given, ...Object.fromEntries(hidden) } };
  };
  const [newest = 0, ...earlier] = indexes[0]?.keys() ?? [];
  return { input: formOf(newest), otherForms: earlier.map(formOf) };
}

/**
 * Returns the changed values of an object, or nothing if the input has no `fields`: then the values are not validated, so that an object can be changed
 * although a newer schema would reject values that it already has.
 * @throws BadUserInput with a problem for each value that does not fit, at `input.fields.…`
 */
export async function fieldsOfChanged(
  tx: Tx,
  writer: Writer,
  owner: CustomFieldOwner,
  changed: ChangedFields,
): Promise<Partial<FieldColumns>> {
  if (changed.given === undefined || changed.given === null) return {};
  const current = await findFieldSchema(tx, owner);
  if (current === null) {
    assertNone(owner, changed.given);
    return {};
  }
  return changedColumns(tx, writer, owner, current, changed);
}

/**
 * Returns the values of an object that gets another type: those of fields that the new type has, together with the given ones. All of them must fit. A value
 * that is encrypted, or will be, does not become plain unless it is given again.
 * @throws BadUserInput with a problem for each value that does not fit, at `input.fields.…`
 */
export async function fieldsOfChangedType(
  tx: Tx,
  writer: Writer,
  owner: CustomFieldOwner,
  { given, formerOwner, ...changed }: ChangedFields & { readonly formerOwner: CustomFieldOwner },
): Promise<FieldColumns> {
  const current = await findFieldSchema(tx, owner);
  if (current === null) {
    assertNone(owner, given);
    return { fields: {}, fieldsVersion: 0 };
  }
  const former = await findFieldSchema(tx, formerOwner);
  const problems = Object.entries(changed.before).flatMap(([name, value]): Problem[] => {
    const isExposed =
      former?.schema.encrypted.has(name) === true &&
      typeof value === "string" &&
      current.schema.root.properties.has(name) &&
      !current.schema.encrypted.has(name) &&
      !Object.hasOwn(asJsonObject(given) ?? {}, name);
    return isExposed ? [{ path: `input.fields.${name}`, message: EXPOSED }] : [];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
  return changedColumns(tx, writer, owner, current, { ...changed, given: given ?? {} });
}

/** Values that stay, or are given again unchanged, are validated in plain text, and keep their ciphertexts. */
async function changedColumns(
  tx: Tx,
  writer: Writer,
  owner: CustomFieldOwner,
  current: VersionedFields,
  { id, before, given }: ChangedFields,
): Promise<FieldColumns> {
  const object = objectOf(owner, id);
  assertWritable(writer, current, given);
  const names = asJsonObject(given);
  const known = Object.entries(before).filter(([name]) => current.schema.root.properties.has(name));
  const [opened = new Map<string, string | null>()] = await openFieldsIn(tx, writer, [{ ...object, fields: Object.fromEntries(known) }]);
  const kept = known.filter(([name]) => !(names && Object.hasOwn(names, name)));
  const problems = kept.flatMap(([name, value]): Problem[] => {
    if (!isSealedValue(value)) return [];
    if (!current.schema.encrypted.has(name)) return [{ path: `input.fields.${name}`, message: EXPOSED }];
    return typeof opened.get(name) === "string" ? [] : [{ path: `input.fields.${name}`, message: LOST }];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
  const plain = Object.fromEntries(kept.map(([name, value]): [string, Json] => [name, opened.get(name) ?? value]));
  return stored(tx, writer, { object, current, result: changedFieldValues(current.schema, plain, given), before, opened });
}

const LOST = "The stored value cannot be decrypted. Enter it again, or remove it with null.";
const EXPOSED =
  "The former type encrypts the stored value, and the new type stores this field in plain text. Enter it again, or remove it with null.";
const PLACEHOLDER = `${unreadable} stands for a value that cannot be decrypted. Enter the value again, or remove it with null.`;

interface Validated {
  readonly object: FieldObject;
  readonly current: VersionedFields;
  readonly result: FieldsResult;
  readonly before: JsonObject;
  /** The encrypted ones of the values before, in plain text. Null: it cannot be decrypted. */
  readonly opened: ReadonlyMap<string, string | null>;
}

/** Returns the columns with the values of encrypted fields in their stored form. */
async function stored(tx: Tx, writer: Writer, { object, current, result, before, opened }: Validated): Promise<FieldColumns> {
  const { schema, version } = current;
  const { fields, problems } = result;
  if (problems.length > 0) throw new BadUserInput(problems.map(({ path, message }) => ({ path: `input.${path}`, message })));
  assertUnsealed(fields);
  assertReadable(schema, fields);
  const toSeal = Object.entries(fields).flatMap(([name, value]): PlainField[] => {
    if (!schema.encrypted.has(name) || typeof value !== "string") return [];
    const isSearchable = schema.indexed.some((field) => field.name === name);
    return [{ name, value, isSearchable, kept: opened.get(name) === value ? sealedAs(before[name], isSearchable) : null }];
  });
  const sealed = await sealFields(tx, writer, object, toSeal);
  const columns = Object.entries(fields).map(([name, value]): [string, Json] => [
    name,
    (sealed.get(name) as JsonObject | undefined) ?? value,
  ]);
  return { fields: Object.fromEntries(columns), fieldsVersion: version };
}

/** Only what is given counts, and null does, too: whether an object has hidden values must make no difference. */
function assertWritable({ viewer }: Writer, { schema }: VersionedFields, given: unknown): void {
  if (isOfVendor(viewer) && Object.keys(asJsonObject(given) ?? {}).some((name) => schema.encrypted.has(name)))
    throw new Forbidden("Users of a vendor are not allowed to write encrypted custom fields.");
}

const sealedAs = (value: unknown, isSearchable: boolean): SealedValueObject | null =>
  isSealedValue(value) && (value.$index !== undefined) === isSearchable ? value : null;

/** Values that look encrypted would be read as ciphertexts. */
function assertUnsealed(fields: JsonObject): void {
  const [found] = Object.entries(fields).find(([, value]) => isSealedValue(value)) ?? [];
  if (found === undefined) return;
  const message = "Objects with the member $sealed are reserved for encrypted values. Use another name.";
  throw new BadUserInput([{ path: `input.fields.${found}.$sealed`, message }]);
}

/** Clients read a placeholder for a value that cannot be decrypted. Stored as a value, it would hide that the original is lost. */
function assertReadable({ encrypted }: FieldSchema, fields: JsonObject): void {
  const found = Object.entries(fields).filter(([name, value]) => encrypted.has(name) && value === unreadable);
  if (found.length > 0) throw new BadUserInput(found.map(([name]) => ({ path: `input.fields.${name}`, message: PLACEHOLDER })));
}

const objectOf = (owner: CustomFieldOwner, id: string): FieldObject => ({ kind: ownerColumns(owner).kind, id });

function assertNone(owner: CustomFieldOwner, given: unknown): void {
  if (given === undefined || given === null || (typeof given === "object" && Object.keys(given).length === 0)) return;
  const message = `There are no custom fields of the kind ${ownerName(ownerColumns(owner))}. Declare them with updateCustomFields, or omit fields.`;
  throw new BadUserInput([{ path: "input.fields", message }]);
}

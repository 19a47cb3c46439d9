/** Custom fields of objects: validates the values of an input against the current schema of the tenant. */
import { BadUserInput, ownerColumns, ownerName, type CustomFieldOwner, type Tx } from "@weft/shared";
import { changedFieldValues, newFieldValues, type FieldsResult } from "../../core/custom-fields/values.js";
import type { JsonObject } from "../../core/model/json.js";
import { findFieldSchema } from "./schemas.js";

/** Columns of the object's row. */
export type FieldColumns = { readonly fields: JsonObject; readonly fieldsVersion: number };

/**
 * Returns the values of a new object.
 * @param given the input `fields`; absent: none. Fields that the schema requires are then missing
 * @throws BadUserInput with a problem for each value that does not fit, at `input.fields.…`
 */
export async function fieldsOfNew(tx: Tx, owner: CustomFieldOwner, given: unknown): Promise<FieldColumns> {
  const current = await findFieldSchema(tx, owner);
  if (current === null) {
    assertNone(owner, given);
    return { fields: {}, fieldsVersion: 0 };
  }
  return { fields: accepted(newFieldValues(current.schema, given ?? {})), fieldsVersion: current.version };
}

/**
 * Returns the changed values of an object, or nothing if the input has no `fields`: then the values are not validated, so that an object can be changed
 * although a newer schema would reject values that it already has.
 * @throws BadUserInput with a problem for each value that does not fit, at `input.fields.…`
 */
export async function fieldsOfChanged(
  tx: Tx,
  owner: CustomFieldOwner,
  { before, given }: { readonly before: JsonObject; readonly given: unknown },
): Promise<Partial<FieldColumns>> {
  if (given === undefined || given === null) return {};
  const current = await findFieldSchema(tx, owner);
  if (current === null) {
    assertNone(owner, given);
    return {};
  }
  return { fields: accepted(changedFieldValues(current.schema, before, given)), fieldsVersion: current.version };
}

/**
 * Returns the values of an object that gets another type: those of fields that the new type has, together with the given ones. All of them must fit.
 * @throws BadUserInput with a problem for each value that does not fit, at `input.fields.…`
 */
export async function fieldsOfChangedType(
  tx: Tx,
  owner: CustomFieldOwner,
  { before, given }: { readonly before: JsonObject; readonly given: unknown },
): Promise<FieldColumns> {
  const current = await findFieldSchema(tx, owner);
  if (current === null) {
    assertNone(owner, given);
    return { fields: {}, fieldsVersion: 0 };
  }
  return { fields: accepted(changedFieldValues(current.schema, before, given ?? {})), fieldsVersion: current.version };
}

function accepted({ fields, problems }: FieldsResult): JsonObject {
  if (problems.length > 0) throw new BadUserInput(problems.map(({ path, message }) => ({ path: `input.${path}`, message })));
  return fields;
}

function assertNone(owner: CustomFieldOwner, given: unknown): void {
  if (given === undefined || given === null || (typeof given === "object" && Object.keys(given).length === 0)) return;
  const message = `There are no custom fields of the kind ${ownerName(ownerColumns(owner))}. Declare them with updateCustomFields, or omit fields.`;
  throw new BadUserInput([{ path: "input.fields", message }]);
}

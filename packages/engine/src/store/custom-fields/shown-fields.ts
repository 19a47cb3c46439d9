/** Custom fields as a viewer sees them: users of a vendor see only those that the schema shows to vendors. */
import { isOfVendor } from "@weft/platform/access";
import { type CustomFieldKind, type CustomFieldOwner, type CustomFieldOwnerColumns, ownerColumns } from "@weft/platform/custom-field-kinds";
import { unreadable } from "@weft/platform/privacy";
import { isSealedValue } from "@weft/platform/secrets";
import type { Context } from "@weft/api/context";
import { openFields } from "@weft/api/custom-fields";
import { type Form, makeForm } from "@weft/api/forms";
import { fieldsForm } from "../../core/custom-fields/form.js";
import type { FieldSchema } from "../../core/custom-fields/compile.js";
import type { JsonObject } from "../../core/model/json.js";
import { storedFieldSchema } from "./schemas.js";
import { findFieldSchemas } from "./schemas.store.js";

/** An object with its stored values. */
interface StoredFields {
  /** UUID */
  readonly id: string;
  readonly fields: JsonObject;
}

/** Returns the values of an object that the viewer sees, in plain text. Users of a vendor see no encrypted fields. */
export async function shownFields(ctx: Context, owner: CustomFieldOwner, { id, fields }: StoredFields): Promise<JsonObject> {
  if (!isOfVendor(ctx.viewer)) return openFields(ctx, { kind: ownerColumns(owner).kind, id }, fields);
  const shown = (await loadSchema(ctx, owner))?.forVendors ?? new Set<string>();
  // A field that is plain now can have been encrypted in an earlier version.
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => shown.has(name) && !isSealedValue(value)));
}

/**
 * Returns the form of the input `fields` with the current values of an object, or null if the tenant has no custom fields for it. Values that the viewer
 * cannot read are left out: the form would send back what stands for them.
 */
export async function formOfFields(ctx: Context, owner: CustomFieldOwner, { id, fields }: StoredFields): Promise<Form | null> {
  const schema = await loadSchema(ctx, owner);
  if (schema === null) return null;
  const { kind } = ownerColumns(owner);
  const isVendors = isOfVendor(ctx.viewer);
  const opened = isVendors ? fields : await openFields(ctx, { kind, id }, fields);
  const isReadable = (name: string): boolean => !isSealedValue(fields[name]) || (!isVendors && opened[name] !== unreadable);
  const values = Object.fromEntries(Object.entries(opened).filter(([name]) => isReadable(name)));
  return makeForm(ctx, () => fieldsForm(schema, { name: kind, values, only: isVendors ? schema.forVendors : null }));
}

/** One statement for all objects of an operation. */
function loadSchema(ctx: Context, owner: CustomFieldOwner): Promise<FieldSchema | null> {
  const loader = ctx.loader<string, FieldSchema>("customFieldSchema", async (tx, keys) => {
    const rows = await findFieldSchemas(tx, keys.map(ownerOf));
    return new Map(rows.map((row) => [keyOf({ kind: row.kind as CustomFieldKind, typeKey: row.typeKey }), storedFieldSchema(row.schema)]));
  });
  return loader.load(keyOf(ownerColumns(owner)));
}

// Loaders compare keys by identity.
const keyOf = ({ kind, typeKey }: CustomFieldOwnerColumns): string => JSON.stringify([kind, typeKey]);
function ownerOf(key: string): CustomFieldOwnerColumns {
  const [kind, typeKey] = JSON.parse(key) as [CustomFieldKind, string];
  return { kind, typeKey };
}

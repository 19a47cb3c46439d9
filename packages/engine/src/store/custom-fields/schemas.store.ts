import { customFields } from "@weft/drizzle";
import type { CustomFieldKind, CustomFieldOwnerColumns } from "@weft/platform/custom-field-kinds";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, inArray, or } from "drizzle-orm";

const { customFieldSchemas } = customFields;

export type FieldSchemaRow = typeof customFieldSchemas.$inferSelect;

const ofOwner = ({ kind, typeKey }: CustomFieldOwnerColumns) =>
  and(eq(customFieldSchemas.kind, kind), eq(customFieldSchemas.typeKey, typeKey));

/** Returns the schemas of the kinds, by kind and key of the type. */
export const findFieldSchemasOfKinds = (tx: Tx, kinds: readonly CustomFieldKind[]): Promise<FieldSchemaRow[]> =>
  named(
    "findFieldSchemasOfKinds",
    tx
      .select()
      .from(customFieldSchemas)
      .where(inArray(customFieldSchemas.kind, [...kinds]))
      .orderBy(customFieldSchemas.kind, customFieldSchemas.typeKey),
  );

/** Returns the schemas of those owners that have one, in any order. */
export const findFieldSchemas = (tx: Tx, owners: readonly CustomFieldOwnerColumns[]): Promise<FieldSchemaRow[]> =>
  named(
    "findFieldSchemas",
    tx
      .select()
      .from(customFieldSchemas)
      .where(or(...owners.map(ofOwner))),
  );

export async function findFieldSchemaRow(tx: Tx, owner: CustomFieldOwnerColumns): Promise<FieldSchemaRow | null> {
  const [row] = await named("findFieldSchemaRow", tx.select().from(customFieldSchemas).where(ofOwner(owner)));
  return row ?? null;
}

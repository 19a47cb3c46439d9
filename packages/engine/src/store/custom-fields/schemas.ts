/** Compiled schemas of custom fields. Compiling depends only on the text, so texts are the keys of the cache. */
import { type CustomFieldOwner, ownerColumns } from "@weft/platform/custom-field-kinds";
import type { Tx } from "@weft/platform/db";
import { LRUCache } from "lru-cache";
import { compileFieldSchema, type FieldSchema } from "../../core/custom-fields/compile.js";
import { findFieldSchemaRow } from "./schemas.store.js";

/** 8 million characters of text: a small share of a server's memory. */
const compiled = new LRUCache<string, FieldSchema>({ max: 1000, maxSize: 8_000_000, sizeCalculation: (_schema, text) => text.length });

/** Returns a stored schema. It was compiled when it was saved, so a schema that does not compile is damaged. */
export function storedFieldSchema(source: unknown): FieldSchema {
  const text = JSON.stringify(source);
  const known = compiled.get(text);
  if (known) return known;
  const result = compileFieldSchema(source);
  if (!result.ok)
    throw new Error(`A stored schema of custom fields cannot be read: ${result.problems.map(({ message }) => message).join(" ")}`);
  compiled.set(text, result.schema);
  return result.schema;
}

export type VersionedFields = { readonly schema: FieldSchema; readonly version: number };

/** Returns the current schema of a kind or type, or null if the tenant has no custom fields for it. */
export async function findFieldSchema(tx: Tx, owner: CustomFieldOwner): Promise<VersionedFields | null> {
  const row = await findFieldSchemaRow(tx, ownerColumns(owner));
  return row && { schema: storedFieldSchema(row.schema), version: row.version };
}

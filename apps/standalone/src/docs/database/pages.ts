import { weftSchemas } from "@weft/drizzle";
import type { Catalog } from "./catalog.js";
import { routineDescription, tableDescriptions } from "./descriptions.js";
import { schemaPage } from "./schema-page.js";

const folder = "docs/reference/database";
const pathOf = (schema: string): string => `${folder}/${schema}.md`;

/** Paths of the pages in the repository. */
export const databasePaths: readonly string[] = weftSchemas.map(pathOf);

/** File with the fingerprint of what the pages were made from. */
export const fingerprintPath = `${folder}/.fingerprint`;

/**
 * Returns the reference of the database, by path in the repository: a page per schema. Their index is written by hand, and `pnpm check` reports a page
 * that it does not list.
 */
export function databasePages(catalog: Catalog): Record<string, string> {
  const descriptions = { tables: tableDescriptions(), routine: routineDescription };
  return Object.fromEntries(weftSchemas.map((schema) => [pathOf(schema), schemaPage(schema, catalog, descriptions)]));
}

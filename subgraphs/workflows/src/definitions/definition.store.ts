import { workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjectsByIndex } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, desc, eq, getTableColumns, inArray, ne, type SQL } from "drizzle-orm";
import type { DefinitionHead, DefinitionRow, DefinitionText } from "./definition.type.js";

const { definitions } = workflows;

const { source, original, document, ...head } = getTableColumns(definitions);

/**
 * Definitions visible to a viewer: row-level security limits them to the tenant, the scope OWN to those that the viewer wrote. Users of a vendor see
 * the definitions that the vendor's instances run on; row-level security enforces this too, but row by row.
 */
export function visibleDefinitions(viewer: Viewer, permission: Permission): SQL | undefined {
  return visibleObjectsByIndex("definition", viewer, permission);
}

export async function findDefinition(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<DefinitionRow | null> {
  const [row] = await named(
    "findDefinition",
    tx
      .select()
      .from(definitions)
      .where(and(eq(definitions.id, id), visibleDefinitions(viewer, permission))),
  );
  return row ?? null;
}

export function selectDefinitions(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<DefinitionHead[]> {
  return named(
    "selectDefinitions",
    tx
      .select(head)
      .from(definitions)
      .where(and(among(definitions.id, ids), visibleDefinitions(viewer, "definition.read"))),
  );
}

/** Returns the texts of those of the given versions that the viewer can see. */
export function selectDefinitionTexts(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<(DefinitionText & { id: string })[]> {
  return named(
    "selectDefinitionTexts",
    tx
      .select({ id: definitions.id, source, original, document })
      .from(definitions)
      .where(and(among(definitions.id, ids), visibleDefinitions(viewer, "definition.read"))),
  );
}

/** Returns the published versions of definitions, newest first, whoever reads them: their states are shown with the instances. */
export function selectPublishedVersions(tx: Tx, keys: readonly string[]): Promise<{ id: string; key: string }[]> {
  return named(
    "selectPublishedVersions",
    tx
      .select({ id: definitions.id, key: definitions.key })
      .from(definitions)
      .where(and(inArray(definitions.key, [...keys]), ne(definitions.status, "DRAFT")))
      .orderBy(desc(definitions.number)),
  );
}

export function selectDefinitionPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<DefinitionHead[]> {
  return named(
    "selectDefinitionPage",
    tx
      .select(head)
      .from(definitions)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countDefinitions(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countDefinitions", tx.select({ count: count() }).from(definitions).where(where));
  return row?.count ?? 0;
}

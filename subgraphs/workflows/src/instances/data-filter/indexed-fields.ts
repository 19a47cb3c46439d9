/** Checks that the data fields of a filter can be searched. Only fields that a definition lists under `index` can. */
import { workflows } from "@weft/drizzle";
import { BadUserInput, quote } from "@weft/shared/errors";
import { suggestionFor } from "@weft/shared/texts";
import { hasPermission } from "@weft/shared/viewer";
import { named, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { askedNames, type FilterValue } from "@weft/api/filters";
import { sql } from "drizzle-orm";

const { definitions, instanceFields } = workflows;

/**
 * Fails with BAD_USER_INPUT for each field that no published definition indexes. Takes one statement if the filter has conditions on the data,
 * otherwise none.
 * @param path path of the filter
 */
export async function assertIndexed(ctx: Context, filter: FilterValue | null | undefined, path: string): Promise<void> {
  const asked = askedNames(filter, { list: "data", key: "field" }, path);
  // Users of a vendor see only some of the definitions. For them such fields match nothing, whatever the other definitions index.
  if (asked.length === 0 || (ctx.viewer?.vendorId ?? null) !== null) return;
  const names = [...new Set(asked.map(({ name }) => name))];
  const unknown = await ctx.read((tx) => selectUnknown(tx, names));
  if (unknown.size === 0) return;
  const known = hasPermission(ctx.viewer, "definition.read") ? await ctx.read(selectIndexed) : [];
  throw new BadUserInput(
    asked
      .filter(({ name }) => unknown.has(name))
      .map(({ name, path: place }) => ({
        path: place,
        message: `No published definition lists the field ${quote(name)} under \`index\`, so its values cannot be searched. Add it there and publish.${suggestionFor(name, known)}`,
      })),
  );
}

/**
 * Returns the names that are not indexed. A field with values is indexed, perhaps by an older version; definitions are read only for the other names.
 */
async function selectUnknown(tx: Tx, names: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ name: string }>(
    named(
      "selectUnindexed",
      sql`select n.name from unnest(${sql.param([...names])}::text[]) as n(name)
           where not exists (select from ${instanceFields} f where f.tenant_id = app.tenant() and f.field = n.name)
             and not exists (select from ${definitions} d where d.tenant_id = app.tenant() and d.status <> 'DRAFT' and d.document->'index' ? n.name)`,
    ),
  );
  return new Set(rows.map(({ name }) => name));
}

/** Returns the names of the indexed fields of all definitions that the viewer can read. */
async function selectIndexed(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ name: string }>(
    named(
      "selectIndexedNames",
      sql`select distinct i.name from ${definitions} d, jsonb_array_elements_text(d.document->'index') as i(name)
           where d.tenant_id = app.tenant() and d.status <> 'DRAFT' and jsonb_typeof(d.document->'index') = 'array' order by 1 limit 200`,
    ),
  );
  return rows.map(({ name }) => name);
}

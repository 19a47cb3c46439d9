import { type AnyColumn, Column, getTableName, is, SQL } from "drizzle-orm";

/** Name of a column with the name of its table, view, or alias: `requests.created_at`. */
export const columnName = (column: Column): string => `${getTableName(column.table)}.${column.name}`;

/** Returns the names of the tables, views, and aliases whose columns a condition or an order reads. */
export function tablesOf(...parts: readonly (SQL | undefined)[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (chunk: unknown): void => {
    if (is(chunk, Column)) found.add(getTableName(chunk.table));
    else if (is(chunk, SQL)) chunk.queryChunks.forEach(visit);
    else if (Array.isArray(chunk)) chunk.forEach(visit);
  };
  parts.forEach(visit);
  return found;
}

/** Returns a condition or an order with other columns in the place of those that the map has, by `columnName`. */
export function withColumns(part: SQL, others: ReadonlyMap<string, AnyColumn>): SQL {
  const other = (chunk: unknown): unknown => {
    if (is(chunk, Column)) return others.get(columnName(chunk)) ?? chunk;
    if (is(chunk, SQL)) return withColumns(chunk, others);
    return Array.isArray(chunk) ? chunk.map(other) : chunk;
  };
  return new SQL(part.queryChunks.map(other) as SQL["queryChunks"]);
}

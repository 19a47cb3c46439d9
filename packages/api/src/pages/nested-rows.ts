import { and, type AnyColumn, eq, getTableColumns, type InferSelectModel, lte, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Context } from "../context/context.js";
import { among, named, type Tx } from "@weft/platform/db";
import type { Reading } from "../row-nodes/row-nodes.js";
import type { ConnectionArgs } from "./connection-args.js";
import type { KeysetSlice } from "./keyset-page.js";

export interface NestedRows<Row> {
  /** Name of the list, unique in the subgraph. Its order is fixed. */
  readonly name: string;
  readonly args: ConnectionArgs;
  /** UUID of the parent whose rows are requested. */
  readonly parentId: string;
  readonly slice: KeysetSlice;
  /** Runs one statement for many parents. Returns at most `slice.limit` rows of each, in order. See `rowsOfEach`. */
  readonly select: (tx: Tx, parentIds: readonly string[], slice: KeysetSlice) => Promise<readonly Row[]>;
  readonly parentOf: (row: Row) => string | null;
}

/**
 * Returns the rows of a list below a parent. The first pages of many parents are read in one statement, through the request's loader. A page after a
 * cursor has its own position and is read separately.
 */
export async function nestedRows<Row>(
  ctx: Context,
  { name, args, parentId, slice, select, parentOf }: NestedRows<Row>,
): Promise<readonly Row[]> {
  if (slice.where !== undefined) return ctx.read((tx) => select(tx, [parentId], slice));
  const loader = ctx.loader<string, readonly Row[]>(`${name}:${args.first ?? ""}:${args.last ?? ""}`, async (tx, parentIds) => {
    const rows = await select(tx, parentIds, slice);
    return Map.groupBy(rows, (row) => parentOf(row) ?? "");
  });
  return (await loader.load(parentId)) ?? [];
}

/** Rank of a row among those of its parent, starting at 1. */
export const rankWithin = (parent: AnyColumn, slice: KeysetSlice): SQL.Aliased<number> =>
  sql<number>`row_number() over (partition by ${parent} order by ${sql.join(slice.orderBy, sql`, `)})`.as("rank");

export interface RowsOfEach {
  /** Column of the parent's ID. */
  readonly parent: AnyColumn;
  /** UUIDs of the parents. */
  readonly parentIds: readonly string[];
  /** Which rows of a parent are listed. Default: all. */
  readonly where?: SQL | undefined;
  /** Columns of a reading, whose `rows` then gives the rows their type. Default: all columns of the table. */
  readonly columns?: Reading<never>["columns"];
  readonly slice: KeysetSlice;
}

/** Returns at most `slice.limit` rows of each parent, in the slice's order, with one statement of the given name. */
export async function rowsOfEach<T extends PgTable & { readonly id: PgColumn }>(
  tx: Tx,
  name: string,
  table: T,
  { parent, parentIds, where, columns, slice }: RowsOfEach,
): Promise<InferSelectModel<T>[]> {
  // As a table without a type parameter, because drizzle cannot compute the types of a query over any table.
  const rows: PgTable & { readonly id: PgColumn } = table;
  const ranked = tx
    .select({ id: rows.id, rank: rankWithin(parent, slice) })
    .from(rows)
    .where(and(among(parent, parentIds), where, slice.where))
    .as("ranked");
  const query = tx
    .select(columns ?? getTableColumns(rows))
    .from(rows)
    .innerJoin(ranked, eq(ranked.id, rows.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return (await named(name, query)) as InferSelectModel<T>[];
}

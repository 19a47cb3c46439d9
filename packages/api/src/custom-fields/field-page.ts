/** Pages of objects that are filtered by custom fields, or ordered by one. */
import { customFields } from "@weft/drizzle";
import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Context } from "../context/context.js";
import type { CustomFieldKind } from "@weft/platform/custom-field-kinds";
import { countRows, named, type Tx } from "@weft/platform/db";
import type { FilterValue } from "../filters/filter-input.js";
import type { ConnectionArgs } from "../pages/connection-args.js";
import type { Page } from "../pages/connection.js";
import { keysetPage, type KeysetSlice } from "../pages/keyset-page.js";
import { customFieldOrder, type Direction, type OrderBy, type OrderByValue } from "../pages/order.js";
import { tablePage } from "../pages/table-page.js";
import { assertFields, type OrderField } from "./asked-fields.js";

const { customFieldValues: values } = customFields;

/** Added to rows of lists that are ordered by a custom field: its value, or the last value of the order. */
interface FieldValue {
  readonly fieldValue: string | number;
}

interface PageByFieldOptions<Row, Node> {
  readonly list: string;
  readonly args: ConnectionArgs;
  readonly kind: CustomFieldKind;
  readonly field: OrderField;
  readonly direction: Direction;
  /** Runs the list's statement, joined with `customFieldValues` by `join`, and with `value` as `fieldValue` in its rows. */
  readonly fetch: (
    slice: KeysetSlice,
    by: { readonly join: SQL; readonly value: SQL<string | number> },
  ) => Promise<readonly (Row & FieldValue)[]>;
  readonly objectId: AnyColumn;
  readonly idOf: (row: Row) => string;
  readonly count: () => Promise<number>;
  readonly toNode: (row: Row) => Node;
}

/**
 * Returns a page of a list that is ordered by a custom field. The statement walks the index of the field's values. Every object has one, also without a
 * value, so the join loses none.
 */
export function pageByField<Row, Node>(ctx: Context, options: PageByFieldOptions<Row, Node>): Promise<Page<Node>> {
  const { list, args, kind, field, direction, objectId } = options;
  const column = field.type === "NUMBER" ? values.numberValue : values.textValue;
  // The type is written into the text: as a parameter, it would not match the predicate of the index.
  const isOfType = field.type === "NUMBER" ? sql`${values.type} = 'NUMBER'` : sql`${values.type} = 'TEXT'`;
  const join = sql`${and(
    sql`${values.tenantId} = app.tenant()`,
    eq(values.kind, kind),
    eq(values.field, field.name),
    eq(values.objectId, objectId),
    isOfType,
  )}`;
  return keysetPage<Row & FieldValue, Node>(ctx, {
    args,
    list,
    // Cursors are bound to the field and its type.
    orderBy: { name: `${customFieldOrder} ${field.name} ${field.type}`, direction, column, valueOf: (row) => String(row.fieldValue) },
    id: { column: values.objectId, valueOf: options.idOf },
    fetch: (slice) => options.fetch(slice, { join, value: sql`${column}` }),
    count: options.count,
    toNode: options.toNode,
  });
}

interface FieldPageOptions<Table extends PgTable, Name extends string, Node> {
  readonly list: string;
  readonly kind: CustomFieldKind;
  readonly args: ConnectionArgs;
  readonly table: Table & { readonly id: AnyColumn };
  /** The client's filter, whose names of custom fields are checked. Its condition is part of `where`. */
  readonly filter: FilterValue | null | undefined;
  readonly where: SQL | undefined;
  readonly order: OrderBy<Table["$inferSelect"], Name>;
  readonly orderBy: OrderByValue | null | undefined;
  readonly otherwise: readonly [Name, Direction];
  readonly toNode: (row: Table["$inferSelect"]) => Node;
  /** As for `tablePage`. */
  readonly read?: Context["read"];
}

/**
 * Returns a page of the rows of one table, like `tablePage`, for objects with custom fields.
 * @throws BadUserInput for custom fields that cannot be used
 */
export async function fieldPage<Table extends PgTable, Name extends string, Node>(
  ctx: Context,
  {
    list,
    kind,
    args,
    table,
    filter,
    where,
    order,
    orderBy,
    otherwise,
    toNode,
    read = (run) => ctx.read(run),
  }: FieldPageOptions<Table, Name, Node>,
): Promise<Page<Node>> {
  const field = await assertFields(ctx, { kind, filter, orderBy });
  if (field === null || !orderBy)
    return tablePage(ctx, { list, args, table, where, orderBy: order.resolve(orderBy, otherwise), toNode, read });
  const suffix = `${list.charAt(0).toUpperCase()}${list.slice(1)}`;
  return pageByField<Table["$inferSelect"], Node>(ctx, {
    list,
    args,
    kind,
    field,
    direction: orderBy.direction,
    objectId: table.id,
    idOf: (row) => String(row["id"]),
    fetch: (slice, by) => read((tx) => selectByField(tx, { name: `list${suffix}ByField`, table, where, ...by }, slice)),
    count: () => read((tx) => countRows(tx, { name: `count${suffix}`, table, where })),
    toNode,
  });
}

interface ByField<Table extends PgTable> {
  readonly name: string;
  readonly table: Table;
  readonly where: SQL | undefined;
  readonly join: SQL;
  readonly value: SQL<string | number>;
}

async function selectByField<Table extends PgTable>(
  tx: Tx,
  { name, table, where, join, value }: ByField<Table>,
  slice: KeysetSlice,
): Promise<(Table["$inferSelect"] & FieldValue)[]> {
  const query = tx
    .select({ ...getTableColumns<PgTable>(table), fieldValue: value })
    .from<PgTable>(table)
    .innerJoin(values, join)
    .where(and(where, slice.where))
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return named(name, query);
}

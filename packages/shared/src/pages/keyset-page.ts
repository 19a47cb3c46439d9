import { and, asc, desc, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { Context } from "../context/context.js";
import type { Page } from "./connection.js";
import { pageRequestOf } from "./connection-args.js";
import type { ConnectionArgs } from "./connection-args.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import type { CursorScope } from "./cursor.js";
import type { Direction, Order } from "./order.js";

/** What the list's statement must add: a condition, an order, a limit. */
export interface KeysetSlice {
  /** undefined on a first page; give it to drizzle's `and`. */
  readonly where: SQL | undefined;
  readonly orderBy: SQL[];
  readonly limit: number;
}

export interface KeysetPageOptions<Row, Node> {
  readonly args: ConnectionArgs;
  /** Name of the list; part of what its cursors are bound to. Add what the list hangs on (`building.assets`), not filters. */
  readonly list: string;
  /** From `orderByInput(…).resolve(…)`; null for the order of ids, newest first. */
  readonly orderBy: Order<Row> | null;
  readonly id: { readonly column: AnyColumn; readonly valueOf: (row: Row) => string };
  /** Runs the list's one statement. */
  readonly fetch: (slice: KeysetSlice) => Promise<readonly Row[]>;
  /** Counts the list without the slice; runs only when the client asks. */
  readonly count: () => Promise<number>;
  readonly toNode: (row: Row) => Node;
}

type PageContext = Pick<Context, "viewer" | "services">;

/**
 * A page by keyset: it continues behind the values of the last row, so it costs the same however deep it is and nothing is seen twice when rows
 * come in between. The order always ends in the id. Order columns are NOT NULL.
 * @throws BadUserInput for a page size out of bounds or a cursor that is not of this list, order and tenant
 */
export async function keysetPage<Row, Node>(ctx: PageContext, options: KeysetPageOptions<Row, Node>): Promise<Page<Node>> {
  const { args, orderBy, id } = options;
  const { size, from } = pageRequestOf(args);
  const direction = orderBy?.direction ?? "DESC";
  const keys = orderBy ? [orderBy, ...(orderBy.thenBy ? [orderBy.thenBy] : []), id] : [id];
  const columns = keys.map(({ column }) => column);
  const scope: CursorScope = {
    key: ctx.services.keys.cursor,
    tenantId: ctx.viewer.tenantId,
    list: `${options.list} ${orderBy?.name ?? "ID"} ${orderBy?.thenBy ? `${orderBy.thenBy.column.name} ` : ""}${direction}`,
  };
  // An empty text is a cursor that somebody lost: taken for none, it would begin the list again, for ever.
  const [after, before] = [args.after ?? null, args.before ?? null];
  const where = and(
    after === null ? undefined : beyond(columns, decodeCursor(scope, after, "after"), direction),
    before === null ? undefined : beyond(columns, decodeCursor(scope, before, "before"), opposite(direction)),
  );
  const walk = from === "start" ? direction : opposite(direction);
  const slice: KeysetSlice = { where, orderBy: columns.map((column) => (walk === "ASC" ? asc(column) : desc(column))), limit: size + 1 };
  const fetched = await options.fetch(slice);
  const isCut = fetched.length > size;
  const kept = fetched.slice(0, size);
  const rows = from === "start" ? kept : kept.toReversed();
  const edges = rows.map((row) => ({
    cursor: encodeCursor(
      scope,
      keys.map(({ valueOf }) => valueOf(row)),
    ),
    node: options.toNode(row),
  }));
  return {
    edges,
    pageInfo: {
      // Whoever continues from a cursor came from there: that side is known to have something.
      hasNextPage: from === "start" ? isCut : before !== null,
      hasPreviousPage: from === "end" ? isCut : after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: options.count,
  };
}

const opposite = (direction: Direction): Direction => (direction === "ASC" ? "DESC" : "ASC");

/** Rows behind the values in the direction. A row comparison, which an index on the same columns answers. */
function beyond(columns: readonly AnyColumn[], values: readonly string[], direction: Direction): SQL {
  const row = sql.join(
    columns.map((column) => sql`${column}`),
    sql`, `,
  );
  const given = sql.join(
    columns.map((column, at) => sql`${sql.param(values[at], column)}`),
    sql`, `,
  );
  return direction === "ASC" ? sql`(${row}) > (${given})` : sql`(${row}) < (${given})`;
}

import { and, asc, desc, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { Context } from "../context/context.js";
import type { Edge, Page } from "./connection.js";
import { pageRequestOf } from "./connection-args.js";
import type { ConnectionArgs } from "./connection-args.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import type { CursorScope } from "./cursor.js";
import type { Direction, Order } from "./order.js";
import type { PageInfo } from "./page-info.js";

/** Condition, order and limit that the list's statement must add. */
export interface KeysetSlice {
  /** Undefined on a first page. Pass it to drizzle's `and`. */
  readonly where: SQL | undefined;
  /** The bounds that `where` combines, for statements that write them differently. */
  readonly bounds: readonly KeysetBound[];
  readonly orderBy: SQL[];
  /** Direction in which the statement reads: that of the order, or the opposite one for a page before a cursor. */
  readonly walk: Direction;
  readonly limit: number;
}

/** Selects the rows after the values of a cursor, in the direction. */
export interface KeysetBound {
  readonly columns: readonly AnyColumn[];
  readonly values: readonly string[];
  readonly direction: Direction;
}

export interface KeysetPageOptions<Row, Node> {
  readonly args: ConnectionArgs;
  /** Name of the list, to which its cursors are bound. Include the parent (`building.assets`), but not filters. */
  readonly list: string;
  /** From `orderByInput(…).resolve(…)`. Null for ordering by ID, newest first. */
  readonly orderBy: Order<Row> | null;
  readonly id: { readonly column: AnyColumn; readonly valueOf: (row: Row) => string };
  /** Runs the list's only statement. */
  readonly fetch: (slice: KeysetSlice) => Promise<readonly Row[]>;
  /** Counts the list without the slice. Runs only if the client requests it. */
  readonly count: () => Promise<number>;
  readonly toNode: (row: Row) => Node;
}

type PageContext = Pick<Context, "viewer" | "services">;

/**
 * Returns a page by keyset pagination. It continues after the values of the last row, so every page costs the same, and no row appears twice when
 * rows are inserted. The order always ends with the ID. Order columns must be NOT NULL.
 * @throws BadUserInput if the page size is out of range, or the cursor belongs to another list, order or tenant
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
  // An empty cursor is a client error. Treating it as no cursor would restart the list in an endless loop.
  const [after, before] = [args.after ?? null, args.before ?? null];
  const bounds: KeysetBound[] = [];
  if (after !== null) bounds.push({ columns, values: decodeCursor(scope, after, "after"), direction });
  if (before !== null) bounds.push({ columns, values: decodeCursor(scope, before, "before"), direction: opposite(direction) });
  const walk = from === "start" ? direction : opposite(direction);
  const slice: KeysetSlice = {
    where: and(...bounds.map((bound) => beyond(bound))),
    bounds,
    orderBy: columns.map((column) => (walk === "ASC" ? asc(column) : desc(column))),
    walk,
    limit: size + 1,
  };
  const fetched = await options.fetch(slice);
  const isCut = fetched.length > size;
  const kept = fetched.slice(0, size);
  const rows = from === "start" ? kept : kept.toReversed();
  const cursorOf = (row: Row): string =>
    encodeCursor(
      scope,
      keys.map(({ valueOf }) => valueOf(row)),
    );
  const edges = rows.map((row) => new KeysetEdge(row, options.toNode(row), cursorOf));
  return {
    edges,
    pageInfo: new KeysetPageInfo(edges, {
      // A client that continues from a cursor came from that side, so it has at least one row.
      hasNextPage: from === "start" ? isCut : before !== null,
      hasPreviousPage: from === "end" ? isCut : after !== null,
    }),
    totalCount: options.count,
  };
}

/** Signs its cursor when it is read: most operations select no cursor of an edge. */
class KeysetEdge<Row, Node> implements Edge<Node> {
  readonly node: Node;
  readonly #row: Row;
  readonly #cursorOf: (row: Row) => string;

  constructor(row: Row, node: Node, cursorOf: (row: Row) => string) {
    this.node = node;
    this.#row = row;
    this.#cursorOf = cursorOf;
  }

  get cursor(): string {
    return this.#cursorOf(this.#row);
  }
}

class KeysetPageInfo implements PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly Edge<unknown>[];

  constructor(edges: readonly Edge<unknown>[], { hasNextPage, hasPreviousPage }: Pick<PageInfo, "hasNextPage" | "hasPreviousPage">) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.#edges = edges;
  }

  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

const opposite = (direction: Direction): Direction => (direction === "ASC" ? "DESC" : "ASC");

/**
 * Returns the condition for the rows beyond a bound. A row comparison, which can use an index on the same columns.
 * @param leading column of the index before those of the bound, and its value
 */
export function beyond({ columns, values, direction }: KeysetBound, leading?: { readonly column: SQL; readonly value: SQL }): SQL {
  const row = [...(leading ? [leading.column] : []), ...columns.map((column) => sql`${column}`)];
  const given = [...(leading ? [leading.value] : []), ...columns.map((column, at) => sql`${sql.param(values[at], column)}`)];
  const [left, right] = [sql.join(row, sql`, `), sql.join(given, sql`, `)];
  return direction === "ASC" ? sql`(${left}) > (${right})` : sql`(${left}) < (${right})`;
}

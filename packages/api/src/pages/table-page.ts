import type { AnyColumn, SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Context } from "../context/context.js";
import { countRows } from "@weft/platform/db";
import type { ConnectionArgs } from "./connection-args.js";
import type { Page } from "./connection.js";
import { keysetPage } from "./keyset-page.js";
import type { Order } from "./order.js";
import { selectSlice } from "./select-slice.js";

interface TablePageOptions<Table extends PgTable, Node> {
  /** Name of the list's field (`buildings`). Its cursors are bound to this name, and its statements are named after it. */
  readonly list: string;
  readonly args: ConnectionArgs;
  readonly table: Table & { readonly id: AnyColumn };
  /** Visibility condition of the aggregate and filter of the client. */
  readonly where: SQL | undefined;
  readonly orderBy: Order<Table["$inferSelect"]>;
  readonly toNode: (row: Table["$inferSelect"]) => Node;
  /** Runs each statement of the list in a transaction (default: `ctx.read`). */
  readonly read?: Context["read"];
}

/** Returns a page of the rows of one table. Lists that join tables call `keysetPage` with their own statements. */
export function tablePage<Table extends PgTable, Node>(
  ctx: Context,
  { list, args, table, where, orderBy, toNode, read = (run) => ctx.read(run) }: TablePageOptions<Table, Node>,
): Promise<Page<Node>> {
  const suffix = `${list.charAt(0).toUpperCase()}${list.slice(1)}`;
  return keysetPage<Table["$inferSelect"], Node>(ctx, {
    args,
    list,
    orderBy,
    id: { column: table.id, valueOf: (row) => String(row["id"]) },
    fetch: (slice) => read((tx) => selectSlice(tx, { name: `list${suffix}`, table, where }, slice)),
    count: () => read((tx) => countRows(tx, { name: `count${suffix}`, table, where })),
    toNode,
  });
}

import { and, eq, getTableColumns, isNotNull, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { asTenant } from "../db/as-tenant.js";
import { dueInTrueTime } from "../db/due-in-true-time.js";
import type { Tx } from "../db/database.js";
import { amongLocked, named } from "../db/named.js";
import type { Turn } from "./do-in-batches.js";

type ColumnName<Table extends PgTable> = keyof Table["$inferSelect"] & string;

/**
 * A table whose rows wait for a worker from a time on. Its key is `(tenant_id, id)`, and it needs two partial indexes of the rows that have such a time: of
 * the time and the tenant, and of the tenant and the time. The times are true times, not those of a sandbox's clock.
 */
interface DueTable<Table extends PgTable> {
  /** What a row is, for the names of statements: `Export`. */
  readonly name: string;
  readonly table: Table;
  /** Column of the time at which a row is due. While a row is claimed, its claim ends then. Null: the row does not wait. */
  readonly dueAt: ColumnName<Table>;
  /** Column of the number of claims, for work that is given up after some of them without progress. */
  readonly tries?: ColumnName<Table>;
  /** Column of the number of all claims, which only grows. The work compares it, and so notices that another worker has taken over. */
  readonly claims?: ColumnName<Table>;
  /** Condition of the rows of this queue, if the table has several queues. The worker can read its columns. */
  readonly only?: SQL;
  /** Time for which a claim holds. A database interval. */
  readonly claimTime: string;
  /** Whether the work of tenants that are not active is done, too. Otherwise, it waits until they are. */
  readonly isDoneInAllTenants?: boolean;
}

/**
 * A queue of rows that are objects of their own, such as files or imports, as a source of due work. The work can be repeated, and ends by what it does with
 * the object: a claim only moves the due time, and a worker that reports late notices by the state of the object.
 */
export class DueQueue<Table extends PgTable & { readonly id: PgColumn }> {
  /** The two searches that a source of due work needs. */
  readonly searches: ReturnType<typeof dueInTrueTime>;
  /** When a claim that is made or extended now ends. */
  readonly claimEnd: SQL;
  readonly #due: DueTable<Table>;
  readonly #dueAt: PgColumn;

  constructor(due: DueTable<Table>) {
    this.#due = due;
    this.#dueAt = this.#column(due.dueAt);
    this.searches = dueInTrueTime({ ...due, dueAt: this.#dueAt });
    this.claimEnd = sql`now() + ${due.claimTime}::interval`;
  }

  /** Claims the rows that have waited longest, at most `limit`. They are due again when their claims end, unless the caller changes that. */
  claim(tx: Tx, limit = 1): Promise<Table["$inferSelect"][]> {
    const { name, table, dueAt, only, ...columns } = this.#due;
    const waiting = tx
      .select({ id: table.id })
      .from<PgTable>(table)
      .where(and(sql`${this.#dueAt} <= now()`, only))
      .orderBy(this.#dueAt)
      .limit(limit)
      .for("update", { skipLocked: true });
    const counted = Object.fromEntries(
      [columns.tries, columns.claims].flatMap((column) => (column === undefined ? [] : [[column, sql`${this.#column(column)} + 1`]])),
    );
    const query = tx
      .update<PgTable>(table)
      .set({ [dueAt]: this.claimEnd, ...counted })
      .where(amongLocked(table.id, waiting))
      .returning();
    return named(`claimDue${name}s`, query);
  }

  /**
   * Claims rows in batches, and does the work of a batch at the same time, while no transaction is open, until nothing is due or the turn is over.
   * @param work returns whether it was done
   * @returns the number of rows whose work was done
   */
  async takeTurn({ db, tenantId, limit, batch, signal }: Turn, work: (row: Table["$inferSelect"]) => Promise<boolean>): Promise<number> {
    let done = 0;
    for (let claimed = 0; claimed < limit && !signal.aborted;) {
      const rows = await asTenant(db, { tenantId }, "write", (tx) => this.claim(tx, Math.min(batch, limit - claimed)));
      if (rows.length === 0) break;
      claimed += rows.length;
      const results = await Promise.all(rows.map(work));
      done += results.filter((isDone) => isDone).length;
    }
    return done;
  }

  /** Changes when a row is due, unless it no longer waits. */
  async postpone(tx: Tx, id: string, interval: string): Promise<void> {
    const { name, table, dueAt } = this.#due;
    const query = tx
      .update<PgTable>(table)
      .set({ [dueAt]: sql`now() + ${interval}::interval` })
      .where(and(eq(table.id, id), isNotNull(this.#dueAt)));
    await named(`postpone${name}`, query);
  }

  /** Makes a claim hold as long as if it were made now. */
  extend(tx: Tx, id: string): Promise<void> {
    return this.postpone(tx, id, this.#due.claimTime);
  }

  #column(name: ColumnName<Table>): PgColumn {
    const column = getTableColumns<PgTable>(this.#due.table)[name];
    if (!column) throw new Error(`${this.#due.name} has no column ${name}.`);
    return column;
  }
}

import { type SQL, sql } from "drizzle-orm";
import type { Executes } from "../db/alone.js";
import type { Tx } from "../db/database.js";
import { arrayOf, named } from "../db/named.js";

/**
 * A table whose rows wait for a worker. Its key is `(tenant_id, id)`, and it needs an index of `(tenant_id, <due>)` for the rows that are ready or claimed.
 * With `rows`, it is an index of those rows only: otherwise, each search reads all others that wait. Its times are true times, not those of a sandbox's clock.
 */
export interface QueueTable {
  /** What its rows are, in the plural, for the names of statements: `Mails`. */
  readonly name: string;
  /** Schema and name: `app.mails`. */
  readonly table: `${string}.${string}`;
  /** Column of what is claimed, if it is not `id`. Rows with the same value are claimed and finished together. One of them has the due time. */
  readonly key?: string;
  /** Condition on a row `q`. Rows that do not meet it are not in the queue. Without parameters, so that every plan can use their index. */
  readonly rows?: SQL;
  /** Condition on an active tenant `t`. The rows of tenants that do not meet it wait. */
  readonly tenants?: SQL;
  /** Column of the time at which a row is due. While a row is claimed, its claim ends then. */
  readonly due: string;
  /** Column of the number of claims. A worker that reports late finds another number there, and changes nothing. */
  readonly claims: string;
  /** Value of `status` of rows that wait. */
  readonly ready: string;
  /**
   * Value of `status` of claimed rows, for work that must not be done twice: `endLost` ends them if their worker does not report. By default, they stay
   * ready: when the claim ends, another worker does the work again.
   */
  readonly claimed?: string;
  /** Seconds for which a claim holds. Longer than an attempt can take. */
  readonly leaseSeconds: number;
}

/** A row that a worker has claimed. */
export interface Claim {
  readonly id: string;
  readonly claims: number;
}

/** Tenants that one search returns by default. */
const MAX_TENANTS = 1_000;

/**
 * A queue on a table: the statements by which workers find, claim, finish and postpone its rows. A claim is counted before the work, so that work that
 * crashes its process does not do so for ever. All but `findTenants` run in a transaction of the tenant.
 */
export class Queue {
  readonly #name: string;
  readonly #table: SQL;
  readonly #key: SQL;
  /** Whether several rows are claimed together. */
  readonly #isGrouped: boolean;
  readonly #isInQueue: SQL;
  readonly #isServed: SQL;
  readonly #due: SQL;
  readonly #claims: SQL;
  readonly #ready: string;
  readonly #claimed: string;
  readonly #leaseSeconds: number;

  constructor({ name, table, key = "id", rows, tenants, due, claims, ready, claimed = ready, leaseSeconds }: QueueTable) {
    this.#name = name;
    this.#table = sql.raw(table);
    this.#key = sql.raw(key);
    this.#isGrouped = key !== "id";
    this.#isInQueue = rows ? sql` and ${rows}` : sql``;
    this.#isServed = sql`t.status = 'ACTIVE'${tenants ? sql` and ${tenants}` : sql``}`;
    this.#due = sql.raw(due);
    this.#claims = sql.raw(claims);
    this.#ready = ready;
    this.#claimed = claimed;
    this.#leaseSeconds = leaseSeconds;
  }

  /**
   * Returns the active tenants that have due rows or claims that have ended, longest waiting first. It looks up the first row of each tenant that has any,
   * however many these have. Runs as weft_worker, across all tenants.
   * @param withinSeconds also returns tenants whose rows become due in this time
   * @param limit maximum number of tenants
   */
  async findTenants(
    tx: Executes,
    { withinSeconds = 0, limit = MAX_TENANTS }: { readonly withinSeconds?: number; readonly limit?: number } = {},
  ): Promise<string[]> {
    const isWaiting = this.#claimed === this.#ready ? sql`q.status = ${this.#literal(this.#ready)}` : sql`q.${this.#due} is not null`;
    const first = (after: SQL): SQL =>
      sql`select q.tenant_id, q.${this.#due} as due_at from ${this.#table} q where ${isWaiting}${this.#isInQueue}${after} order by q.tenant_id, q.${this.#due} limit 1`;
    const rows = await tx.execute<{ tenant_id: string }>(
      named(
        `findTenantsWith${this.#name}`,
        sql`with recursive walk as (
          (${first(sql``)}) union all
          select n.tenant_id, n.due_at from walk w cross join lateral (${first(sql` and q.tenant_id > w.tenant_id`)}) n
        )
        select w.tenant_id from walk w join identity.tenants t on t.tenant_id = w.tenant_id
         where w.due_at <= now() + make_interval(secs => ${withinSeconds}::int) and ${this.#isServed} order by w.due_at limit ${limit}::int`,
      ),
    );
    return rows.map((row) => row.tenant_id);
  }

  /**
   * Claims the rows that have waited longest, at most `limit`. None if the tenant is suspended. With `key`, `limit` counts what is claimed, and each row of it
   * is returned, in no order.
   * @param set further columns
   * @param select columns and joins of the rows `q` that were claimed: `q.content, u.email from claimed q left join …`. `id` and `claims` are added
   */
  async claim<Row = object>(
    tx: Tx,
    { limit = 1, set, select = sql`` }: { readonly limit?: number; readonly set?: SQL; readonly select?: SQL } = {},
  ): Promise<readonly (Row & Claim)[]> {
    const isServed = sql` and exists (select from identity.tenants t where t.tenant_id = app.tenant() and ${this.#isServed})`;
    const rows = await tx.execute(
      named(
        `claim${this.#name}`,
        sql`with claimed as (
          update ${this.#table} q set status = ${this.#literal(this.#claimed)}, ${this.#claims} = q.${this.#claims} + 1,
                 ${this.#due} = ${this.#dueIn(this.#leaseSeconds)}${set ? sql`, ${set}` : sql``}
           where ${this.#isDue(this.#ready, sql`${isServed} order by q.${this.#due} limit ${limit}::int`)}
          returning q.*
        )
        select q.${this.#key} as id, q.${this.#claims} as claims${select.queryChunks.length > 0 ? sql`, ${select}` : sql` from claimed q`}`,
      ),
    );
    // drizzle cannot resolve the type of generic rows.
    return rows as unknown as readonly (Row & Claim)[];
  }

  /**
   * Ends claims, and sets columns of their rows. Those of workers that report late stay as they are.
   * @param set for example `status = 'SENT', finished_at = now()`
   * @returns the number of rows that were ended
   */
  finish(tx: Tx, claims: readonly Claim[], set: SQL): Promise<number> {
    return this.#change(tx, `finish${this.#name}`, claims, set);
  }

  /** Removes the rows of claims. Returns their number. */
  remove(tx: Tx, claims: readonly Claim[]): Promise<number> {
    return count(
      tx,
      `remove${this.#name}`,
      sql`delete from ${this.#table} q using ${this.#listed(claims)} where ${this.#isClaimed} returning q.id`,
    );
  }

  /**
   * Lets the row of a claim wait.
   * @param set further columns
   * @param isCounted whether the claim counts. One that was not tried does not
   */
  postpone(
    tx: Tx,
    claim: Claim,
    { seconds, set, isCounted = true }: { readonly seconds: number; readonly set?: SQL; readonly isCounted?: boolean },
  ): Promise<number> {
    const due = sql`status = ${this.#literal(this.#ready)}, ${this.#due} = ${this.#dueIn(seconds)}`;
    const uncounted = isCounted ? sql`` : sql`, ${this.#claims} = q.${this.#claims} - 1`;
    return this.#change(tx, `postpone${this.#name}`, [claim], sql`${due}${uncounted}${set ? sql`, ${set}` : sql``}`);
  }

  /** Ends claims whose worker has not reported in time: whether their work was done is unknown. Returns the number of their rows. */
  async endLost(tx: Tx, set: SQL): Promise<number> {
    if (this.#claimed === this.#ready) throw new Error(`Claims of ${this.#name} that are lost are claimed again.`);
    return count(tx, `endLost${this.#name}`, sql`update ${this.#table} q set ${set} where ${this.#isDue(this.#claimed)} returning q.id`);
  }

  /** Condition on a row `q` with the status that is due, or is claimed together with one that is. Rows that another transaction has locked are skipped. */
  #isDue(status: string, rest: SQL = sql``): SQL {
    const isThis = sql`q.status = ${this.#literal(status)}`;
    const isAmongDue = (column: SQL): SQL =>
      sql`q.tenant_id = app.tenant() and q.${column} = any(array(
             select q.${column} from ${this.#table} q where q.tenant_id = app.tenant() and ${isThis} and q.${this.#due} <= now()${this.#isInQueue}${rest}
                for update skip locked))`;
    if (this.#isGrouped) return sql`${isAmongDue(this.#key)} and ${isThis}`;
    // By their places: an empty table that was analyzed is planned as one row, and each row would be looked up among all that the tenant has.
    return isAmongDue(sql`ctid`);
  }

  /** The due time in some seconds. Rows that are claimed together with the one that has it have none. */
  #dueIn(seconds: number): SQL {
    return sql`case when q.${this.#due} is not null then now() + make_interval(secs => ${seconds}::double precision) end`;
  }

  #change(tx: Tx, name: string, claims: readonly Claim[], set: SQL): Promise<number> {
    return count(tx, name, sql`update ${this.#table} q set ${set} from ${this.#listed(claims)} where ${this.#isClaimed} returning q.id`);
  }

  #listed(claims: readonly Claim[]): SQL {
    return sql`unnest(${arrayOf(
      claims.map(({ id }) => id),
      "uuid",
    )}, ${arrayOf(
      claims.map((claim) => claim.claims),
      "integer",
    )}) as c(id, claims)`;
  }

  /** The status is not a literal here, so that the partial index of the due time is not considered: rows are looked up by their key. */
  get #isClaimed(): SQL {
    return sql`q.tenant_id = app.tenant() and q.${this.#key} = c.id and q.${this.#claims} = c.claims and q.status = (select ${this.#literal(this.#claimed)}::text)${this.#isInQueue}`;
  }

  /** In the text, not a parameter, so that a partial index can be used by every plan. */
  #literal(status: string): SQL {
    if (!/^[A-Z_]+$/.test(status)) throw new Error(`${JSON.stringify(status)} is not a status.`);
    return sql.raw(`'${status}'`);
  }
}

/** Runs a statement that returns the rows which it has changed, and returns their number. */
async function count(tx: Tx, name: string, changing: SQL): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(name, sql`with changed as (${changing}) select count(*)::int as count from changed`),
  );
  return row?.count ?? 0;
}

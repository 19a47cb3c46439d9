import { workflows } from "@weft/drizzle";
import type { Offer } from "@weft/platform/access";
import { beyond, type KeysetSlice } from "@weft/api/pages";
import { and, Column, eq, is, mapColumnsInSQLToAlias, SQL, sql } from "drizzle-orm";

const { instances, taskCandidates, tasks } = workflows;

/**
 * Written as in the partial indexes of waiting tasks. Not as parameters, because a generic plan does not know their values and could not use the
 * indexes.
 */
export const waits = sql`${tasks.status} in ('OPEN', 'CLAIMED')`;

/** Tasks of a list or a badge. */
export interface TaskSource {
  /** Condition on columns of `tasks` and `instances`. */
  readonly where: SQL | undefined;
  /**
   * Set if the source contains only waiting tasks of an offer. They are found by the offer's keys and people, each through an ordered index. `where`
   * is the remaining condition on tasks offered under a key.
   */
  readonly offered?: { readonly offer: Offer; readonly where: readonly (SQL | undefined)[] };
}

/** Returns whether a condition on tasks requires joining their instances. Every task has one, so the join does not change the result. */
export const readsInstances = (where: SQL | undefined): boolean =>
  where !== undefined && columnsOf(where).some(({ table }) => table === instances);

/** `tasks`, joined with their instances if the condition refers to them. */
export const from = (where: SQL | undefined): SQL => (readsInstances(where) ? withInstances : sql`${tasks}`);

const withInstances = sql`${tasks} join ${instances} on ${and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId))}`;

function columnsOf({ queryChunks }: SQL): Column[] {
  return queryChunks.flatMap((chunk) => {
    if (is(chunk, Column)) return [chunk];
    if (is(chunk, SQL)) return columnsOf(chunk);
    return Array.isArray(chunk) ? columnsOf(sql.join(chunk as SQL[])) : [];
  });
}

/** A part of an offer: a row for each of its tasks, possibly several for one task. */
type Arm = (columns: readonly Column[], slice: KeysetSlice | undefined, limit?: number) => SQL;

/**
 * Returns the parts of an offer, largest first: tasks offered under one key, under several keys, claimed by one of the people, and waiting for an
 * answer of one of them. Each part takes the first tasks per key or person in index order, so the cost of a page depends on the number of keys, not
 * on the number of waiting tasks. A single condition on tasks would either sort the entire offer or scan all waiting tasks.
 */
function armsOf({ where, offered }: Required<TaskSource>): readonly Arm[] {
  const { keys, people } = offered.offer;
  const given = and(...offered.where);
  // Conditions on columns of the candidate rows are evaluated there; only the others need the task.
  const conditions = offered.where.filter((condition) => condition !== undefined);
  const ofCandidates = conditions.filter(isOfCandidates);
  const ofTasks = and(...conditions.filter((condition) => !isOfCandidates(condition)));
  const several: Arm = (columns, slice, limit) => {
    const needsTasks =
      ofTasks !== undefined || [...columns, ...(slice?.orderBy.flatMap(columnsOf) ?? [])].some(({ name }) => !candidateColumns.has(name));
    const asCandidates = (part: SQL): SQL => (isOfCandidates(part) ? mapColumnsInSQLToAlias(part, "c") : part);
    const joined = needsTasks
      ? sql`${taskCandidates} c join ${from(ofTasks)} on ${tasks.tenantId} = c.tenant_id and ${tasks.id} = c.id`
      : sql`${taskCandidates} c`;
    const all = and(
      sql`c.queue_key = k.key`,
      ...[...ofCandidates, slice?.where].map((part) => part && asCandidates(part)),
      needsTasks ? waits : undefined,
      ofTasks,
    );
    const listed = columns.map((column) =>
      candidateColumns.has(column.name) ? mapColumnsInSQLToAlias(sql`${column}`, "c") : sql`${column}`,
    );
    return lateral(
      keys,
      "k(key)",
      sql`select ${sql.join(listed, sql`, `)} from ${joined} where ${all}`,
      slice?.orderBy.map(asCandidates),
      slice?.limit ?? limit,
      true,
    );
  };
  const arm =
    (of: SQL, name: string, leading: Leading, rest: SQL | undefined): Arm =>
    (columns, slice, limit) =>
      lateral(
        of,
        name,
        sql`select ${listOf(columns)} from ${from(rest)} where ${and(rangeOf(leading, slice?.bounds), waits, rest)}`,
        slice && [sql`${leading.column} ${sql.raw(slice.walk)}`, ...slice.orderBy],
        slice?.limit ?? limit,
      );
  return [
    arm(keys, "k(key)", { column: sql`${tasks.queueKey}`, value: sql`k.key` }, given),
    several,
    ...(people
      ? [tasks.assigneeId, tasks.askedId].map((hands) => arm(people, "p(id)", { column: sql`${hands}`, value: sql`p.id` }, where))
      : []),
  ];
}

/** First column of an index after the tenant, and its value. */
interface Leading {
  readonly column: SQL;
  readonly value: SQL;
}

/**
 * Selects the rows with a value, as a range of the column, beyond the bounds. An equality would make the column irrelevant for the order. PostgreSQL
 * does not know the value when it plans, and assumes that it is as frequent as the average one. If most waiting tasks are in one queue, it would then
 * walk through all of them in their order, and filter. Only an index that begins with the column returns the order `column, …`.
 */
function rangeOf(leading: Leading, bounds: KeysetSlice["bounds"] = []): SQL | undefined {
  const [after, before] = (["ASC", "DESC"] as const).map((direction) => bounds.find((bound) => bound.direction === direction));
  // A bound contains the column. A second condition on the same end of the range could be the one where the index scan starts.
  return and(
    after ? beyond(after, leading) : sql`${leading.column} >= ${leading.value}`,
    before ? beyond(before, leading) : sql`${leading.column} <= ${leading.value}`,
  );
}

/**
 * Selects rows of a statement for each element of an array: the first ones per element if there is an order, otherwise up to the limit in total.
 * @param repeats whether the statement can return the same row for several elements; only distinct rows count towards the limit
 */
function lateral(
  array: SQL,
  name: string,
  statement: SQL,
  orderBy: readonly SQL[] | undefined,
  limit: number | undefined,
  repeats = false,
): SQL {
  const bounds = sql`${orderBy ? sql`order by ${sql.join([...orderBy], sql`, `)}` : sql``} ${limit === undefined ? sql`` : sql`limit ${limit}`}`;
  const isCut = limit !== undefined && orderBy === undefined;
  return sql`(select ${isCut && repeats ? sql`distinct a.*` : sql`a.*`} from unnest(${array}) as ${sql.raw(name)}, lateral (${statement} ${bounds}) a ${isCut ? sql`limit ${limit}` : sql``})`;
}

/** Columns that the candidate rows copy from their task. */
const candidateColumns: ReadonlySet<string> = new Set(
  [tasks.id, tasks.instanceId, tasks.status, tasks.assigneeId, tasks.createdAt, tasks.dueOrder, tasks.priority, tasks.vote].map(
    ({ name }) => name,
  ),
);
const isOfCandidates = (part: SQL): boolean => columnsOf(part).every(({ table, name }) => table === tasks && candidateColumns.has(name));
const listOf = (columns: readonly Column[]): SQL =>
  sql.join(
    columns.map((column) => sql`${column}`),
    sql`, `,
  );

/** Columns by which a list of tasks can be ordered. */
const orderable = [tasks.id, tasks.createdAt, tasks.dueOrder, tasks.priority];

/** Condition that a task is among the first of an offer. For queries that read complete rows and order them again. */
export function isAmongOffered(source: Required<TaskSource>, slice: KeysetSlice): SQL {
  const columns = slice.orderBy.flatMap(columnsOf).some(({ name }) => name === tasks.title.name) ? [...orderable, tasks.title] : orderable;
  const arms = armsOf(source).map((arm) => arm(columns, slice));
  const order = slice.orderBy.map((part) => mapColumnsInSQLToAlias(part, "q"));
  return sql`${tasks.id} = any(array(select q.id from (${sql.join(arms, sql` union `)}) q order by ${sql.join(order, sql`, `)} limit ${slice.limit}))`;
}

/** Number of tasks of an offer, up to the limit if there is one. The other parts are not examined if the first one reaches the limit. */
export function countOfOffered(source: Required<TaskSource>, limit?: number): SQL {
  const [first, ...others] = armsOf(source).map((arm) => arm([tasks.id], undefined, limit));
  const all = sql`select count(*) from (select id from f union ${sql.join(others, sql` union `)}) c`;
  return limit === undefined
    ? sql`(with f as (${first}) ${all})`
    : sql`(with f as materialized (${first}) select case when (select count(*) from f) >= ${limit} then ${limit} else least(${limit}, (${all})) end)`;
}

/** Returns whether a source is an offer. */
export const isOfOffered = (source: TaskSource): source is Required<TaskSource> => source.offered !== undefined;

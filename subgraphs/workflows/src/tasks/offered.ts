import { workflows } from "@weft/drizzle";
import type { KeysetSlice, Offer } from "@weft/shared";
import { and, Column, eq, is, mapColumnsInSQLToAlias, SQL, sql } from "drizzle-orm";

const { instances, taskCandidates, tasks } = workflows;

/** As the partial indexes of what waits say it: not by parameters, whose values a plan that is made once does not know. */
export const waits = sql`${tasks.status} in ('OPEN', 'CLAIMED')`;

/** Which tasks a list or a badge is about. */
export interface TaskSource {
  /** Of which columns of `tasks` and `instances` are read. */
  readonly where: SQL | undefined;
  /**
   * Where they are only those that wait and are offered so: found from the keys and the people of the offer, in the order of an index each. `where` is what is left to
   * say of what is offered under a key.
   */
  readonly offered?: { readonly offer: Offer; readonly where: readonly (SQL | undefined)[] };
}

/** Whether a condition on tasks needs their instances beside them. Every task has one, so that nothing else depends on it. */
export const readsInstances = (where: SQL | undefined): boolean =>
  where !== undefined && columnsOf(where).some(({ table }) => table === instances);

/** `tasks`, with their instances where the condition reads of them. */
export const from = (where: SQL | undefined): SQL => (readsInstances(where) ? withInstances : sql`${tasks}`);

const withInstances = sql`${tasks} join ${instances} on ${and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId))}`;

function columnsOf({ queryChunks }: SQL): Column[] {
  return queryChunks.flatMap((chunk) => {
    if (is(chunk, Column)) return [chunk];
    if (is(chunk, SQL)) return columnsOf(chunk);
    return Array.isArray(chunk) ? columnsOf(sql.join(chunk as SQL[])) : [];
  });
}

/** A part of what is offered: a row for each task in it, or several of one. */
type Arm = (columns: readonly Column[], slice: Pick<KeysetSlice, "orderBy" | "limit" | "where"> | undefined, limit?: number) => SQL;

/**
 * The parts of an offer, the largest first: under a key alone, under several, claimed by one of the people, asked of them. Of each the first of each key are taken,
 * or of each person's hands, in the order of an index, so that it depends on the number of keys what a page costs, and not on what waits behind them. Said as one
 * condition on tasks, it would be either all that is offered, sorted, or all that waits, looked through.
 */
function armsOf({ where, offered }: Required<TaskSource>): readonly Arm[] {
  const { keys, people } = offered.offer;
  const given = and(...offered.where);
  // What the rows of candidates say is asked of them; of the task only what they do not say.
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
    (of: SQL, name: string, condition: SQL, rest: SQL | undefined): Arm =>
    (columns, slice, limit) =>
      lateral(
        of,
        name,
        sql`select ${listOf(columns)} from ${from(rest)} where ${and(condition, waits, rest, slice?.where)}`,
        slice?.orderBy,
        slice?.limit ?? limit,
      );
  return [
    arm(keys, "k(key)", sql`${tasks.queueKey} = k.key`, given),
    several,
    ...(people ? [tasks.assigneeId, tasks.askedId].map((hands) => arm(people, "p(id)", sql`${hands} = p.id`, where)) : []),
  ];
}

/**
 * For each of an array the rows of a statement: the first of them, where there is an order; otherwise so many in all.
 * @param repeats whether it may give a row for several of the array: only different ones are of the many in all
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

/** What the rows of candidates say as their task does. */
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

/** What a list of tasks can be ordered by. */
const orderable = [tasks.id, tasks.createdAt, tasks.dueOrder, tasks.priority];

/** Whether a task is among the first of those that are offered: a condition for who reads whole rows, and orders them anew. */
export function isAmongOffered(source: Required<TaskSource>, slice: KeysetSlice): SQL {
  const columns = slice.orderBy.flatMap(columnsOf).some(({ name }) => name === tasks.title.name) ? [...orderable, tasks.title] : orderable;
  const arms = armsOf(source).map((arm) => arm(columns, slice));
  const order = slice.orderBy.map((part) => mapColumnsInSQLToAlias(part, "q"));
  return sql`${tasks.id} = any(array(select q.id from (${sql.join(arms, sql` union `)}) q order by ${sql.join(order, sql`, `)} limit ${slice.limit}))`;
}

/** How many tasks are offered; with a limit, that many where there are more. Where the first part has as many, the others are not looked at. */
export function countOfOffered(source: Required<TaskSource>, limit?: number): SQL {
  const [first, ...others] = armsOf(source).map((arm) => arm([tasks.id], undefined, limit));
  const all = sql`select count(*) from (select id from f union ${sql.join(others, sql` union `)}) c`;
  return limit === undefined
    ? sql`(with f as (${first}) ${all})`
    : sql`(with f as materialized (${first}) select case when (select count(*) from f) >= ${limit} then ${limit} else least(${limit}, (${all})) end)`;
}

/** Whether a source is of what is offered. */
export const isOfOffered = (source: TaskSource): source is Required<TaskSource> => source.offered !== undefined;

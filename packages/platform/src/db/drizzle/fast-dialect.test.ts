import { workflows } from "@weft/drizzle";
import { and, asc, count, desc, eq, gt, inArray, or, sql, type SQL } from "drizzle-orm";
import { alias, PgDialect, pgEnum, QueryBuilder } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { among } from "../named.js";
import { FastDialect } from "./fast-dialect.js";

const { history, instances, tasks } = workflows;
const fast = new FastDialect();
const drizzles = new PgDialect();

const ours = new QueryBuilder(fast);
const theirs = new QueryBuilder(drizzles);

const textOf = (dialect: PgDialect, statement: SQL) => {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return { text, params };
};

/** Statements of the shapes that stores build, and the rarer ones that drizzle renders. */
const statements: Readonly<Record<string, (builder: QueryBuilder) => { getSQL(): SQL }>> = {
  "all columns": (builder) => builder.select().from(instances).where(eq(instances.id, "a")),
  "a page": (builder) =>
    builder
      .select()
      .from(instances)
      .where(
        and(or(gt(instances.createdAt, "x"), and(eq(instances.createdAt, "x"), gt(instances.id, "y"))), among(instances.id, ["a", "b"])),
      )
      .orderBy(asc(instances.createdAt), desc(instances.id))
      .limit(21)
      .for("update"),
  "some columns and expressions": (builder) =>
    builder
      .select({ id: tasks.id, count: count(), twice: sql<number>`${tasks.version} * 2`.as("twice") })
      .from(tasks)
      .groupBy(tasks.id),
  "joined columns": (builder) =>
    builder.select({ id: tasks.id, state: instances.state }).from(tasks).innerJoin(instances, eq(tasks.instanceId, instances.id)),
  "an aliased table": (builder) => {
    const other = alias(instances, "other");
    return builder.select({ id: other.id }).from(instances).leftJoin(other, eq(other.parentId, instances.id));
  },
  "a subquery": (builder) => {
    const ranked = builder
      .select({ id: history.instanceId, rank: sql<number>`row_number() over ()`.as("rank") })
      .from(history)
      .where(eq(history.version, 3))
      .as("ranked");
    return builder
      .select()
      .from(ranked)
      .where(and(gt(ranked.rank, 5), inArray(ranked.id, ["a", "b", "c"])));
  },
  "a subquery in a condition": (builder) =>
    builder
      .select({ id: tasks.id })
      .from(tasks)
      .where(inArray(tasks.instanceId, builder.select({ id: instances.id }).from(instances).where(eq(instances.state, "s")))),
  "common table expressions": (builder) => {
    const running = builder
      .$with("running")
      .as(builder.select({ id: instances.id }).from(instances).where(eq(instances.status, "RUNNING")));
    return builder.with(running).select().from(running).where(eq(running.id, "a"));
  },
  "a set operation": (builder) =>
    builder
      .select({ id: tasks.id })
      .from(tasks)
      .where(eq(tasks.id, "a"))
      .union(builder.select({ id: instances.id }).from(instances).where(eq(instances.id, "b"))),
};

test.each(Object.entries(statements))("renders %s as drizzle does", (_what, build) => {
  const expected = textOf(drizzles, build(theirs).getSQL());
  expect(textOf(fast, build(ours).getSQL())).toEqual(expected);
  // Once more, with the remembered texts.
  expect(textOf(fast, build(ours).getSQL())).toEqual(expected);
});

test("renders what a statement can contain as drizzle does", () => {
  const mood = pgEnum("mood", ["calm"]);
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.constantFrom<unknown>(
      instances,
      instances.data,
      alias(tasks, "t"),
      alias(tasks, "t").id,
      mood,
      sql.placeholder("p"),
      sql.identifier('a"b'),
    ),
    fc.string().map((text) => sql.raw(text)),
    fc.jsonValue().map((value) => sql.param(value, instances.data)),
    fc.string().map((value) => sql.param(sql.placeholder(value))),
    fc.constant(sql.param(null, instances.data)),
    fc.constant(sql`now()`.as("at")),
    fc.string().map((text) => sql`lower(${text})`.inlineParams()),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.tuple(tie("tree"), tie("tree")).map(([one, other]) => sql`(${one} = ${other})`),
      fc.array(tie("tree"), { maxLength: 4 }).map((chunks) => sql.join(chunks as SQL[], sql`, `)),
    ),
  }));
  fc.assert(
    fc.property(tree, (chunk) => {
      const statement = sql`select ${chunk} from x`;
      expect(textOf(fast, statement)).toEqual(textOf(drizzles, statement));
    }),
    { numRuns: 1_000 },
  );
});

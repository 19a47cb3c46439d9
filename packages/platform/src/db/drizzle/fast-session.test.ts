import { workflows } from "@weft/drizzle";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { count, eq, sql } from "drizzle-orm";
import { bigint, bigserial, boolean, date, integer, jsonb, numeric, pgTable, smallint, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/postgres-js";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tx } from "../database.js";
import { drizzleTransaction } from "../transaction.js";
import type { DrizzleSql } from "./fast-session.js";

const things = pgTable("things", {
  id: bigserial("id", { mode: "bigint" }),
  name: text("name"),
  size: integer("size"),
  small: smallint("small"),
  big: bigint("big", { mode: "number" }),
  price: numeric("price"),
  amount: numeric("amount", { mode: "number" }),
  isOn: boolean("is_on"),
  data: jsonb("data"),
  key: uuid("key"),
  tags: text("tags").array(),
  at: timestamp("at", { withTimezone: true, mode: "string" }),
  day: date("day", { mode: "date" }),
});

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let client: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  client = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  drizzle(client as unknown as DrizzleSql);
  await client.unsafe(`create table things (id bigserial, name text, size int, small smallint, big bigint, price numeric, amount numeric, is_on boolean,
    data jsonb, key uuid, tags text[], at timestamptz, day date)`);
  await client.unsafe(`insert into things (name, size, small, big, price, amount, is_on, data, key, tags, at, day) values
    ('one', 1, 2, 9007199254740991, 1.50, 2.25, true, '{"a": [1, null, "x"]}', '01890a5d-ac96-774b-bcce-b302099a8057', '{a,"b c",null}', '2026-03-01T09:30:00Z', '2026-03-01'),
    ('text in jsonb', 0, 0, 0, 0, 0, false, '"5"', null, '{}', null, null),
    (null, null, null, null, null, null, null, null, null, null, null, null)`);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

const queries: Readonly<Record<string, (tx: Tx) => PromiseLike<unknown[]>>> = {
  "all columns": (tx) => tx.select().from(things).orderBy(things.id),
  "expressions, also with an alias": (tx) =>
    tx
      .select({
        count: count(),
        first: sql<number>`min(${things.size})`.mapWith(String),
        last: sql<string>`max(${things.name})`.as("last"),
      })
      .from(things),
  "objects in objects, some of them null": (tx) => {
    const { instances } = workflows;
    return tx
      .select({ thing: { id: things.id, name: things.name }, instance: { id: instances.id }, size: things.size })
      .from(things)
      .leftJoin(instances, eq(instances.id, things.key))
      .orderBy(things.id);
  },
  "the columns of a subquery": (tx) => {
    const some = tx
      .select({ id: things.id, next: sql<number>`${things.size} + 1`.mapWith(Number).as("next") })
      .from(things)
      .as("some");
    return tx.select().from(some).orderBy(some.id);
  },
  "written rows": (tx) => tx.update(things).set({ size: 7 }).where(eq(things.size, 1)).returning(),
  "no rows": (tx) =>
    tx
      .select()
      .from(things)
      .where(sql`false`),
  "raw statements": (tx) => tx.execute(sql`select ${7}::int as seven, data from things order by id`).then((rows) => [...rows]),
};

test.each(Object.entries(queries))("reads %s as drizzle does", async (_what, query) => {
  const rollback = new Error("rolled back");
  const answers: unknown[][] = [];
  const asDrizzle = drizzle(client as unknown as DrizzleSql).transaction(async (tx) => {
    answers.push(await query(tx as Tx));
    throw rollback;
  });
  await expect(asDrizzle).rejects.toBe(rollback);
  const asWeft = client.begin(async (raw) => {
    answers.push(await query(drizzleTransaction(raw, () => undefined)));
    throw rollback;
  });
  await expect(asWeft).rejects.toBe(rollback);
  expect(answers[1]).toEqual(answers[0]);
  expect(JSON.stringify(answers[1], asText)).toBe(JSON.stringify(answers[0], asText));
});

/** Compares the order of keys, too. */
const asText = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);

import { outboundClient } from "@weft/platform/outbound";
import { type OwnPostgres, startOwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ConnectorContext, type ConnectorTrigger, findConnector, type PollCursor, type PollResult } from "../index.js";

let database: OwnPostgres;
let sql: postgres.Sql;
let outbound: ReturnType<typeof outboundClient>;
let context: ConnectorContext;

beforeAll(async () => {
  database = await startOwnPostgres({});
  sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  const { username, password } = new URL(database.url);
  const policy = { allowed: ["127.0.0.1", `127.0.0.1:${database.port}`] };
  outbound = outboundClient(policy);
  context = {
    configuration: { host: "127.0.0.1", port: database.port, database: "postgres", security: "NONE" },
    credentials: { user: username, password: decodeURIComponent(password) },
    outbound,
    policy,
    callId: "poll_1",
    signal: AbortSignal.timeout(60_000),
    timeoutMs: 20_000,
  };
}, 120_000);
beforeEach(async () => {
  await sql`drop table if exists orders`;
  await sql`create table orders (id bigint primary key, title text, at timestamptz)`;
});
afterAll(async () => {
  await outbound.close();
  await sql.end();
  await database.remove();
});

function trigger(): ConnectorTrigger {
  const found = findConnector("POSTGRESQL")
    ?.triggersOf()
    .find(({ key }) => key === "newRows");
  if (!found) throw new Error("There is no trigger.");
  return found;
}

const all = { sql: "select id, title from orders -- all", cursorColumn: "id" };
const poll = (cursor: PollCursor, input: Record<string, unknown> = all): Promise<PollResult> => {
  expect(trigger().problemsOf(input)).toEqual([]);
  return trigger().poll(context, input, cursor);
};
const idsOf = ({ items }: PollResult): string[] => items.map(({ id }) => id);

test("returns rows that were added since the start, once", async () => {
  await sql`insert into orders values (1, 'Desk')`;
  const start = await trigger().start(context, all);
  expect(await poll(start)).toEqual({ items: [], cursor: start, hasMore: false });
  await sql`insert into orders values (2, 'Chair'), (3, 'Lamp')`;
  const polled = await poll(start);
  expect(polled.items).toEqual([
    { id: "2", data: { id: 2, title: "Chair" } },
    { id: "3", data: { id: 3, title: "Lamp" } },
  ]);
  expect(await poll(polled.cursor)).toEqual({ items: [], cursor: polled.cursor, hasMore: false });
});

test("returns the same rows again when a poll is repeated with the same cursor", async () => {
  await sql`insert into orders values (1, 'Desk')`;
  expect(await poll(null)).toEqual(await poll(null));
});

test("starts before all rows if there are none", async () => {
  const start = await trigger().start(context, all);
  await sql`insert into orders values (-5, 'Desk')`;
  expect(idsOf(await poll(start))).toEqual(["-5"]);
});

test("returns rows with the same cursor in several polls, without leaving one out", async () => {
  await sql`insert into orders select n, 'Chair', '2026-03-01T09:30:00.123456Z' from generate_series(1, 250) n`;
  const input = { sql: "select * from orders", cursorColumn: "at", idColumn: "id" };
  const [seen, sizes]: [string[], number[]] = [[], []];
  let result: PollResult = { items: [], cursor: null, hasMore: true };
  while (result.hasMore) {
    result = await poll(result.cursor, input);
    seen.push(...idsOf(result));
    sizes.push(result.items.length);
  }
  expect(sizes).toEqual([100, 100, 50]);
  expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => String(index + 1)));
});

test("keeps the precision of large numbers", async () => {
  await sql`insert into orders values (9007199254740993, 'Desk')`;
  const { items, cursor } = await poll(null);
  expect(items.map(({ id }) => id)).toEqual(["9007199254740993"]);
  await sql`insert into orders values (9007199254740994, 'Chair')`;
  expect(idsOf(await poll(cursor))).toEqual(["9007199254740994"]);
});

test("binds the parameters of the query beside those of the cursor", async () => {
  await sql`insert into orders values (1, 'Desk'), (2, 'Chair'), (3, 'Desk'), (4, 'Chair')`;
  const input = { ...all, sql: "select id, title from orders where title = $1;", parameters: ["Desk"] };
  const start = await trigger().start(context, input);
  await sql`insert into orders values (5, 'Chair'), (6, 'Desk')`;
  expect(idsOf(await poll(start, input))).toEqual(["6"]);
});

test("treats values of the cursor as values, whatever they contain", async () => {
  const hostile = "'); drop table orders; --";
  await sql`insert into orders values (1, ${hostile}), (2, 'Chair')`;
  const input = { sql: "select title from orders", cursorColumn: "title" };
  const { cursor } = await poll(null, { ...input, sql: "select title from orders where id = 1" });
  expect(cursor).toEqual({ after: [hostile, hostile] });
  expect(idsOf(await poll(cursor, input))).toEqual(["Chair"]);
});

test("limits the bytes of a poll, and says when one row is too large", async () => {
  await sql`insert into orders select n, repeat('x', 100000) from generate_series(1, 3) n`;
  const first = await poll(null);
  expect([idsOf(first), first.hasMore]).toEqual([["1", "2"], true]);
  expect(idsOf(await poll(first.cursor))).toEqual(["3"]);
  await sql`insert into orders values (4, repeat('x', 300000))`;
  await expect(poll({ after: ["3", "3"] })).rejects.toMatchObject({
    kind: "PERMANENT",
    message: expect.stringContaining("256 KiB") as unknown,
  });
});

test("leaves out rows without a cursor, and refuses rows without an ID", async () => {
  await sql`insert into orders values (1, 'Desk', null), (2, null, now())`;
  expect(idsOf(await poll(null, { sql: "select * from orders", cursorColumn: "at", idColumn: "id" }))).toEqual(["2"]);
  await expect(poll(null, { sql: "select * from orders", cursorColumn: "id", idColumn: "title" })).rejects.toMatchObject({
    kind: "PERMANENT",
    message: expect.stringContaining('"title"') as unknown,
  });
});

test.each([
  ["change", "with changed as (update orders set title = 'x' returning id) select id from changed"],
  ["function that changes data", "select id from orders, lateral (select setval('numbers', 7)) s"],
  ["second statement", "select id from orders) x; delete from orders; --"],
])("runs no %s", async (_, text) => {
  await sql`create sequence if not exists numbers`;
  await sql`insert into orders values (1, 'Desk')`;
  await expect(poll(null, { sql: text, cursorColumn: "id" })).rejects.toMatchObject({ kind: "PERMANENT" });
  expect(await sql`select title from orders`).toEqual([{ title: "Desk" }]);
});

test("refuses columns whose names end the quotation", () => {
  expect(trigger().problemsOf({ ...all, cursorColumn: 'id" or true --' })).toEqual([
    { path: "input.cursorColumn", message: "A column has no quotation marks." },
  ]);
});

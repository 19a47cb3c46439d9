import { vendors } from "@weft/drizzle";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { and, count, desc, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BadUserInput } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { aViewer } from "@weft/shared/testing";
import { asTenant } from "@weft/platform/db";
import { servicesWithoutDatabase } from "@weft/platform/testing";
import { filterInput } from "../filters/filter-input.js";
import type { FilterValue } from "../filters/filter-input.js";
import { anyIdField, enumField, flagField, idField, textField, timeField } from "../filters/conditions.js";
import type { ConnectionArgs } from "./connection-args.js";
import { keysetPage } from "./keyset-page.js";
import { orderByInput } from "./order.js";
import type { OrderByValue } from "./order.js";

const table = vendors.vendors;
type Row = typeof table.$inferSelect;

const Status = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
const order = orderByInput("KeysetTestOrder", {
  NAME: { column: table.name, valueOf: (row: Row) => row.name },
  CREATED_AT: { column: table.createdAt, valueOf: (row: Row) => row.createdAt },
  STATUS: {
    column: table.status,
    valueOf: (row: Row) => row.status,
    thenBy: { column: table.createdAt, valueOf: (row: Row) => row.createdAt },
  },
});
const filter = filterInput("KeysetTestFilter", {
  id: idField("vendor", table.id),
  name: textField(table.name),
  email: textField(table.email),
  status: enumField("KeysetTestStatus", Status, table.status),
  createdAt: timeField(table.createdAt),
  isReachable: flagField(sql`${table.email} is not null`),
  any: anyIdField({ vendor: table.id, user: table.tenantId }),
});

let bare: BareDatabase;
let tenantId: string;
const names = ["b", "a", "a", "c", "100%", "a_c", "abc", "D"];
const ids = names.map(() => newId());
const services = servicesWithoutDatabase();

beforeAll(async () => {
  bare = await openBareDatabase();
  ({ tenantId } = await bare.tenant());
  await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    await tx.insert(table).values(
      names.map((name, at) => ({
        tenantId,
        id: ids[at] ?? "",
        code: `V${at}`,
        name,
        email: at % 2 === 0 ? `${name}@example.com` : null,
        status: at === 3 ? "INACTIVE" : "ACTIVE",
        // Microseconds, which JavaScript dates would lose.
        createdAt: `2026-01-01T00:00:00.00000${at}Z`,
      })),
    );
  });
});
afterAll(() => bare.close());

function page(args: ConnectionArgs, { by, where }: { by?: OrderByValue; where?: FilterValue } = {}) {
  const viewer = aViewer({ tenantId });
  return asTenant(bare.databases.app, viewer, "read", (tx) =>
    keysetPage<Row, string>(
      { viewer, services },
      {
        args,
        list: "vendors",
        orderBy: by ? order.resolve(by, ["NAME", "ASC"]) : null,
        id: { column: table.id, valueOf: (row) => row.id },
        fetch: (slice) =>
          tx
            .select()
            .from(table)
            .where(and(slice.where, filter.toSql(where)))
            .orderBy(...slice.orderBy)
            .limit(slice.limit),
        count: async () => (await tx.select({ n: count() }).from(table))[0]?.n ?? 0,
        toNode: (row) => row.name,
      },
    ),
  );
}

async function walk(args: (cursor: string | null) => ConnectionArgs, by?: OrderByValue): Promise<string[]> {
  const seen: string[] = [];
  const isForward = args(null).last === undefined;
  for (let cursor: string | null = null, more = true; more;) {
    const { edges, pageInfo } = await page(args(cursor), { ...(by && { by }) });
    const nodes = edges.map((edge) => edge.node);
    if (isForward) seen.push(...nodes);
    else seen.unshift(...nodes);
    more = isForward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
    cursor = isForward ? pageInfo.endCursor : pageInfo.startCursor;
  }
  return seen;
}

const expected = (by: OrderByValue | undefined) =>
  asTenant(bare.databases.app, { tenantId }, "read", async (tx) => {
    const columns = { NAME: [table.name], CREATED_AT: [table.createdAt], STATUS: [table.status, table.createdAt] }[by?.field ?? ""] ?? [];
    const rows = await tx
      .select()
      .from(table)
      .orderBy(...columns.map((column) => desc(column)), desc(table.id));
    const sorted = rows.map((row) => row.name);
    return by?.direction === "ASC" ? sorted.toReversed() : sorted;
  });

test.each([
  ["by ID, newest first", undefined],
  ["by a shared name, ascending", { field: "NAME", direction: "ASC" as const }],
  ["by a shared name, descending", { field: "NAME", direction: "DESC" as const }],
  ["by a time in microseconds", { field: "CREATED_AT", direction: "ASC" as const }],
  ["by a column and then another", { field: "STATUS", direction: "ASC" as const }],
  ["by a column and then another, descending", { field: "STATUS", direction: "DESC" as const }],
])("pages %s return every row once, forward and backward", async (_what, by) => {
  const all = await expected(by);
  for (const size of [1, 3, 100]) {
    expect(await walk((after) => ({ first: size, after }), by)).toEqual(all);
    expect(await walk((before) => ({ last: size, before }), by)).toEqual(all);
  }
});

test("a page says whether there are rows before and after it, and counts only on request", async () => {
  const first = await page({ first: 3 });
  expect(first.pageInfo).toMatchObject({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: first.edges[0]?.cursor,
    endCursor: first.edges[2]?.cursor,
  });
  const second = await page({ first: 3, after: first.pageInfo.endCursor });
  expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  expect(await page({ first: 0 })).toMatchObject({ edges: [], pageInfo: { hasNextPage: true, endCursor: null } });
});

test.each([
  ["a page of 10,000", { first: 10_000 }, "first"],
  ["a negative page", { last: -1 }, "last"],
  ["both first and last", { first: 1, last: 1 }, "last"],
  ["a malformed cursor", { after: "bm9uc2Vuc2U" }, "after"],
])("%s causes BAD_USER_INPUT on its path", async (_what, args, path) => {
  const error: unknown = await page(args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BadUserInput);
  expect((error as BadUserInput).problems.map((problem) => problem.path)).toEqual([path]);
});

test("refuses a cursor of another order", async () => {
  const { pageInfo } = await page({ first: 1 }, { by: { field: "NAME", direction: "ASC" } });
  await expect(page({ first: 1, after: pageInfo.endCursor }, { by: { field: "NAME", direction: "DESC" } })).rejects.toThrow(BadUserInput);
});

const found = async (where: FilterValue) => (await page({ first: 100 }, { where })).edges.map((edge) => edge.node).toSorted();

test.each<[string, FilterValue, string[]]>([
  ["an equal text", { name: { eq: "a" } }, ["a", "a"]],
  ["an unequal text", { name: { ne: "a" }, status: { eq: "ACTIVE" } }, ["100%", "D", "a_c", "abc", "b"]],
  ["a list", { name: { in: ["b", "c", "nothing"] } }, ["b", "c"]],
  ["an empty list", { name: { in: [] } }, []],
  ["a case-insensitive search", { name: { contains: "d" } }, ["D"]],
  ["a search for pattern characters", { name: { contains: "%" } }, ["100%"]],
  ["a search for an underscore", { name: { contains: "_" } }, ["a_c"]],
  ["an enum", { status: { in: ["INACTIVE"] } }, ["c"]],
  ["rows without a value", { email: { isNull: true } }, ["D", "a", "a_c", "c"]],
  ["rows with a value", { isReachable: { eq: true } }, ["100%", "a", "abc", "b"]],
  ["rows without a value, by a flag", { isReachable: { eq: false } }, ["D", "a", "a_c", "c"]],
  ["not, which keeps rows without a value", { not: { email: { eq: "b@example.com" } }, name: { in: ["a", "b"] } }, ["a", "a"]],
  ["not equal, which keeps rows without a value", { email: { ne: "b@example.com" }, name: { in: ["a", "b"] } }, ["a", "a"]],
  ["either", { or: [{ name: { eq: "b" } }, { and: [{ name: { eq: "c" } }, { status: { eq: "INACTIVE" } }] }] }, ["b", "c"]],
  ["an empty OR", { or: [] }, []],
  ["times", { createdAt: { gte: "2026-01-01T00:00:00.000006Z" } }, ["D", "abc"]],
  ["an empty filter", {}, names.toSorted()],
])("a filter by %s", async (_what, where, result) => {
  expect(await found(where)).toEqual(result);
});

test("a filter by ID takes TypeIDs and reports the path of an invalid ID", async () => {
  const id = encodeId("vendor", ids[0] ?? "");
  expect(await found({ id: { eq: id } })).toEqual(["b"]);
  expect(await found({ any: { in: [id, encodeId("user", tenantId)] } })).toHaveLength(names.length);
  expect(await found({ any: { ne: id } })).toHaveLength(names.length - 1);
  expect(await found({ any: { isNull: true } })).toEqual([]);
  const path = (where: FilterValue) =>
    found(where).then(
      () => "",
      (error: unknown) => (error as BadUserInput).problems[0]?.path,
    );
  expect(await path({ id: { eq: "nonsense" } })).toBe("filter.id.eq");
  expect(await path({ or: [{}, { id: { in: [id, encodeId("user", newId())] } }] })).toBe("filter.or.1.id.in.1");
  expect(await path({ any: { eq: encodeId("team", newId()) } })).toBe("filter.any.eq");
});

test("a filter is limited in depth, conditions, list lengths, and text lengths, and null compares with nothing", async () => {
  const nested = (depth: number): FilterValue => (depth === 0 ? { name: { eq: "a" } } : { not: nested(depth - 1) });
  expect(await found(nested(4))).toHaveLength(2);
  const refused: FilterValue[] = [
    nested(5),
    { or: Array.from({ length: 51 }, () => ({ name: { eq: "a" } })) },
    { name: { in: Array.from({ length: 101 }, String) } },
    { name: { contains: "x".repeat(201) } },
    { name: { eq: null } },
  ];
  for (const where of refused) await expect(found(where)).rejects.toThrow(BadUserInput);
});

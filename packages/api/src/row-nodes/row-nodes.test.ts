import { getTableColumns } from "drizzle-orm";
import { integer, type PgColumn, pgTable, text } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import type { Order } from "../pages/order.js";
import { rowNodes, sourcesOf } from "./row-nodes.js";

const things = pgTable("things", {
  id: text("id").notNull(),
  name: text("name").notNull(),
  size: integer("size").notNull(),
  secret: text("secret"),
});

type ThingRow = typeof things.$inferSelect;

interface Thing {
  readonly id: string;
  readonly label: string;
  readonly isLarge: boolean;
  /** Has a resolver. */
  readonly secret?: string | null;
  readonly row: ThingRow;
}

const declare = () => {
  const { column, from } = sourcesOf<ThingRow>();
  return rowNodes<ThingRow, Thing, "row">({
    type: "Thing",
    rowKey: "row",
    columns: getTableColumns(things),
    always: ["id"],
    fields: { id: column("id"), label: column("name"), isLarge: from(["size"], ({ size }) => size > 9) },
    resolvers: { secret: ["secret"] },
  });
};

const nodes = declare();
const all = ["id", "name", "size", "secret"];
const selecting = (...fields: string[]) => ({ selected: new Map([["Thing", new Set(fields)]]) });
const readFor = (...given: Parameters<typeof nodes.reading>) => Object.keys(nodes.reading(...given).columns);
const by = (column: PgColumn): Order<ThingRow> => ({ name: column.name, direction: "ASC", column, valueOf: () => "" });

test("reads what the selected fields need, and what is always read, in the order of the table", () => {
  expect(readFor(selecting("isLarge", "label"))).toEqual(["id", "name", "size"]);
  expect(readFor(selecting("secret"))).toEqual(["id", "secret"]);
});

test("reads only what is always read if the operation selects nothing of the type", () => {
  expect(readFor({ selected: new Map() })).toEqual(["id"]);
});

test("reads what a list needs, whatever was read for other lists of the same operation", () => {
  const operation = selecting("isLarge");
  expect(readFor(operation)).toEqual(["id", "size"]);
  expect(readFor(operation, { order: by(things.name) })).toEqual(["id", "name", "size"]);
  expect(readFor(operation, { also: ["secret"] })).toEqual(["id", "size", "secret"]);
  expect(readFor(operation, { order: { ...by(things.name), name: "both", thenBy: by(things.secret) } })).toEqual(all);
  expect(readFor(operation)).toEqual(["id", "size"]);
});

test.each([
  ["outside an operation", { selected: undefined }, {}],
  ["for a field whose columns are not declared", selecting("label", "other"), {}],
  ["for a field with the name of a property of every object", selecting("constructor"), {}],
  ["for an order by a column of another table", selecting("label"), { order: by(pgTable("others", { x: text("x").notNull() }).x) }],
])("reads all columns %s", (_what, ctx, needs) => {
  expect(readFor(ctx, needs)).toEqual(all);
});

test("different operations that need the same columns share them", () => {
  expect(nodes.reading(selecting("label", "id"))).toBe(nodes.reading(selecting("label")));
});

test("computes the fields from the row", () => {
  const row = { id: "a", name: "Crane", size: 12, secret: null };
  const thing = nodes.toNode(row);
  expect({ id: thing.id, label: thing.label, isLarge: thing.isLarge }).toEqual({ id: "a", label: "Crane", isLarge: true });
  expect(thing.row).toBe(row);
});

test("a column that was not read throws when it is used, and those that were read do not", () => {
  const [row] = nodes.reading(selecting("label")).rows([{ id: "a", name: "Crane" }]);
  if (!row) throw new Error("There is no row.");
  const thing = nodes.toNode(row);
  expect([thing.label, row.name]).toEqual(["Crane", "Crane"]);
  expect(() => thing.isLarge).toThrow("The column size of a Thing was not read");
  expect(() => row.secret).toThrow("The column secret of a Thing was not read");
});

test("reads all columns when clients have made it read a hundred different sets", () => {
  const wide = pgTable("wide", Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`c${at}`, text(`c${at}`).notNull()])));
  const columns = getTableColumns(wide);
  const names = Object.keys(columns);
  const many = rowNodes<Record<string, string>, { row: Record<string, string> }, "row">({
    type: "Wide",
    rowKey: "row",
    columns,
    always: [],
    fields: {},
    resolvers: Object.fromEntries(names.map((name) => [name, [name]])),
  });
  const selections = Array.from({ length: 255 }, (_, bits) => names.filter((_name, at) => (bits & (1 << at)) !== 0));
  const readings = selections.map((fields) => many.reading({ selected: new Map([["Wide", new Set(fields)]]) }));
  expect(new Set(readings).size).toBe(101);
  expect(Object.keys(many.reading({ selected: new Map([["Wide", new Set(["c0", "c7"])]]) }).columns)).toEqual(names);
  expect(many.reading({ selected: new Map([["Wide", new Set(selections[5])]]) })).toBe(readings[5]);
});

import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { machineOf, now, rita } from "../fixtures/small.js";
import { start } from "../instance/start.js";

const text = (data: string) =>
  `weft: 1\nkey: order\nname: Order\ndata: ${data}\ninitial: open\nstates:\n  open: { transitions: { close: { to: closed } } }\n  closed: { final: completed }\n`;
const dataOf = (schema: string, data: unknown): unknown => {
  const result = start(machineOf(text(schema)), { data, ownerId: "rita", actor: rita, now });
  return result.ok ? result.outcome.dataChanges.data : result.rejection.problems;
};

test("an instance starts with the defaults of absent values, and keeps null and given values", () => {
  const schema =
    '{ required: [kind], properties: { kind: { type: string, enum: [goods, services], default: goods }, note: { type: [string, "null"], default: "-" }, copies: { type: integer, default: 1 } } }';
  expect(dataOf(schema, {})).toEqual({ kind: "goods", note: "-", copies: 1 });
  expect(dataOf(schema, { kind: "services", note: null, copies: 3 })).toEqual({ kind: "services", note: null, copies: 3 });
});

test("defaults are filled in within existing objects and lists, and within defaults", () => {
  const line = "{ type: object, properties: { count: { type: integer, default: 1 }, name: { type: string } } }";
  const schema = `{ properties: { lines: { type: array, items: ${line} }, first: ${line}, last: { type: object, default: {}, properties: { count: { type: integer, default: 2 } } } } }`;
  expect(dataOf(schema, { lines: [{ name: "a" }, { count: 5 }] })).toEqual({
    lines: [{ name: "a", count: 1 }, { count: 5 }],
    last: { count: 2 },
  });
});

test("a default that does not match its schema is a problem with its path, and is ignored in already published versions", () => {
  const document = {
    weft: 1,
    key: "order",
    name: "Order",
    initial: "open",
    data: { properties: { copies: { type: "integer", minimum: 1, default: 0 } } },
  };
  const states = { open: { transitions: { close: { to: "closed" } } }, closed: { final: "completed" } };
  const refused = compile({ ...document, states });
  expect(refused.ok ? [] : refused.problems).toMatchObject([
    {
      path: "data.properties.copies.default",
      code: "BAD_SCHEMA",
      message: "The default does not fit its schema: 0 is less than the minimum, 1.",
    },
  ]);
  const published = compile({ ...document, states }, { isPublished: true });
  if (!published.ok) throw new Error("what was published before is readable");
  expect(start(published.machine, { data: {}, ownerId: "rita", actor: rita, now })).toMatchObject({
    ok: true,
    outcome: { dataChanges: { data: {} } },
  });
});

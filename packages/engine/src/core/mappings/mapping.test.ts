import { expect, test } from "vitest";
import { compileMapping, isMapped, mappedPayload, mappedSubject } from "./mapping.js";

const message = {
  body: { order: { id: "o1", total: 12.5, lines: [{ sku: "a" }] }, "due-date": "2026-01-01" },
  headers: { "x-kind": "paid" },
  receivedAt: "2026-01-02T03:04:05Z",
};
const compiled = (payload: unknown, more: { condition?: string; subject?: string } = {}) =>
  compileMapping({ condition: "", subject: null, payload, ...more });

test("a message becomes a payload by expressions, and properties without a value are omitted", () => {
  const { mapping, problems } = compiled(
    {
      number: "body.order.id",
      total: "body.order.total * 2",
      kind: 'headers["x-kind"]',
      at: "receivedAt",
      due: 'body["due-date"]',
      gone: "body.none.at",
      one: 1,
    },
    { condition: 'headers["x-kind"] == "paid" && body.order.total > 10', subject: "body.order.id" },
  );
  expect(problems).toEqual([]);
  expect(isMapped(mapping, message)).toBe(true);
  expect(mappedPayload(mapping, message)).toEqual({
    number: "o1",
    total: 25,
    kind: "paid",
    at: "2026-01-02T03:04:05Z",
    due: "2026-01-01",
    one: 1,
  });
  expect(mappedSubject(mapping, message)).toBe("o1");
  expect(isMapped(mapping, { ...message, headers: {} })).toBe(false);
});

test("without expressions the body is the payload, if it is an object", () => {
  const { mapping } = compiled(null);
  expect(mappedPayload(mapping, message)).toEqual(message.body);
  for (const body of [[1], "text", 1, null]) expect(mappedPayload(mapping, { ...message, body })).toBeNull();
});

test("expressions that read anything else, or that cannot be read, are refused with their place", () => {
  const { problems } = compiled({ a: "order.id", b: "body.", c: "'text'" }, { condition: "actor.id == 'x'", subject: "1 +" });
  expect(problems.map(({ path }) => path)).toEqual(["condition", "payload.a", "payload.b", "subject"]);
  expect(problems[1]?.message).toContain("body.order.id");
});

test("own properties only are read", () => {
  expect(compiled({ a: "body.constructor", b: "body.__proto__" }).problems.map(({ path }) => path)).toEqual(["payload.a", "payload.b"]);
  const { mapping, problems } = compiled({ c: "headers.toString", d: "body.order.valueOf" });
  expect(problems).toEqual([]);
  expect(mappedPayload(mapping, message)).toEqual({});
});

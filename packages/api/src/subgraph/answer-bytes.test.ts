import { buildSchema, execute, GraphQLObjectType, parse } from "graphql";
import { expect, test } from "vitest";
import { answerBytes, boundBytes, bytesExceeded } from "./answer-bytes.js";
import type { Context } from "../context/context.js";
import { answerOnce } from "./same-fields.js";

const responseBytes = 10_000;
const contextOf = (): Context => ({ services: { config: { limits: { responseBytes } } } }) as Context;

function schemaOf(asked: { count: number }) {
  const schema = buildSchema(`
    scalar JSON
    enum Kind { SMALL LARGE }
    type Part { text: String! document: JSON! kind: Kind! size: Int! tags: [String!]! }
    type Query { parts(count: Int!): [Part!]! other: Int! }
  `);
  const query = schema.getQueryType();
  if (!(query instanceof GraphQLObjectType)) throw new Error("no query");
  const { parts } = query.getFields();
  if (!parts) throw new Error("no parts");
  parts.resolve = (_parent, { count }: { count: number }) => {
    asked.count++;
    return Array.from({ length: count }, () => ({
      text: "x".repeat(1_000),
      document: { some: "y".repeat(1_000) },
      kind: "LARGE",
      size: 1,
      tags: ["z".repeat(1_000)],
    }));
  };
  answerOnce(schema);
  boundBytes(schema);
  return schema;
}

async function ask(text: string, schema = schemaOf({ count: 0 })) {
  const context = contextOf();
  const { data, errors } = await execute({ schema, document: parse(text), contextValue: context });
  expect(errors).toBeUndefined();
  return { context, length: JSON.stringify(data).length };
}

test("counts the bytes of a response while it is built, with approximately its size", async () => {
  const { context, length } = await ask("{ parts(count: 3) { text document kind size tags } }");
  expect(answerBytes(context)).toBeGreaterThan(0.9 * length);
  expect(answerBytes(context)).toBeLessThan(1.1 * length);
  expect(bytesExceeded(context)).toBeNull();
});

test("above the limit the rest is empty, so that an answer of megabytes is never built, and it is refused", async () => {
  const { context, length } = await ask("{ parts(count: 1000) { text document kind size tags } }");
  expect(length).toBeLessThan(100_000);
  expect(bytesExceeded(context)).toMatchObject({
    extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "responseBytes", max: responseBytes },
  });
});

test("names also count: a long alias of a small value in many rows is refused", async () => {
  const { context } = await ask(`{ parts(count: 20) { ${"a".repeat(1_000)}: size } }`);
  expect(bytesExceeded(context)).not.toBeNull();
});

test("aliases with the same arguments run once, and others separately", async () => {
  const asked = { count: 0 };
  const schema = schemaOf(asked);
  await ask("{ a: parts(count: 1) { size } b: parts(count: 1) { kind } c: parts(count: 2) { size } }", schema);
  expect(asked.count).toBe(2);
  await ask("{ parts(count: 1) { size } }", schema);
  expect(asked.count).toBe(3);
});

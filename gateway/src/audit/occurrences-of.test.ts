import { buildSchema, parse } from "graphql";
import { newId } from "@weft/shared/ids";
import { expect, test } from "vitest";
import { occurrencesOf } from "./occurrences-of.js";

const schema = buildSchema("type Query { secrets: [String!] me: String }");
const viewer = { userId: newId(), sessionId: newId(), tenantId: newId(), operatorId: null } as never;

const readsOf = (errors: readonly { path?: string[]; extensions?: Record<string, unknown> }[], hasData?: boolean): string[] =>
  occurrencesOf(
    { schema, internalSchema: schema },
    { requestId: "r", operationName: undefined, document: parse("{ secrets me }"), viewer, address: null, errors, hasData },
  )
    .filter(({ class: kind }) => kind === "SENSITIVE_READ")
    .map(({ operation }) => operation);

test("an error without a path does not hide what an answer with data has read", () => {
  expect(readsOf([{ extensions: { code: "INTERNAL" } }], true)).toEqual(["Query.secrets"]);
  expect(readsOf([{ extensions: { code: "INTERNAL" } }], false)).toEqual([]);
});

test("a document that was refused as a whole has read nothing", () => {
  expect(readsOf([{ extensions: { code: "QUERY_LIMIT_EXCEEDED" } }])).toEqual([]);
  expect(readsOf([{ path: ["secrets"], extensions: { code: "FORBIDDEN" } }])).toEqual([]);
  expect(readsOf([{ path: ["me"], extensions: { code: "FORBIDDEN" } }])).toEqual(["Query.secrets"]);
});

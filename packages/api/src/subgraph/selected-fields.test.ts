import { buildSchema, parse } from "graphql";
import { expect, test } from "vitest";
import { selectedFieldsOf } from "./selected-fields.js";

const schema = buildSchema(`
  interface Named { name: String }
  type Task implements Named { name: String title: String owner: User }
  type User implements Named { name: String email: String tasks: [Task] }
  type Team { name: String }
  union Principal = User | Team
  type Query { tasks: [Task] named: Named principal: Principal }
`);

const selectedIn = (text: string) =>
  Object.fromEntries([...selectedFieldsOf(schema, parse(text))].map(([type, fields]) => [type, [...fields].toSorted()]));

test.each([
  [
    "fields at several places",
    "{ tasks { title owner { tasks { name } } } }",
    { Query: ["tasks"], Task: ["name", "owner", "title"], User: ["tasks"] },
  ],
  ["the fields behind aliases", "{ tasks { name: title } }", { Query: ["tasks"], Task: ["title"] }],
  ["fields of fragments", "{ tasks { ...T } } fragment T on Task { title }", { Query: ["tasks"], Task: ["title"] }],
  ["fields of an interface for each of its types", "{ named { name } }", { Query: ["named"], Task: ["name"], User: ["name"] }],
  ["fields of a member of a union", "{ principal { __typename ... on User { email } } }", { Query: ["principal"], User: ["email"] }],
  ["fields that are skipped", "query ($no: Boolean!) { tasks { title @skip(if: $no) } }", { Query: ["tasks"], Task: ["title"] }],
  ["the fields of all operations", "query A { tasks { title } } query B { tasks { name } }", { Query: ["tasks"], Task: ["name", "title"] }],
  ["no fields of introspection", "{ __typename __schema { types { name } } tasks { __typename } }", { Query: ["tasks"] }],
])("finds %s", (_what, text, expected) => {
  expect(selectedIn(text)).toEqual(expected);
});

import { composedSupergraph } from "@weft/testkit/composed-supergraph";
import { randomSource } from "@weft/testkit/random-source";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Variables } from "../../limits/page-size.js";
import { compareExecutors, type MockedSupergraph, openMockedSupergraph } from "../../testing/compare-executors.js";
import { randomOperations } from "../../testing/random-operations.js";

let supergraph: MockedSupergraph;
beforeAll(async () => {
  supergraph = await openMockedSupergraph(composedSupergraph());
});
afterAll(() => supergraph[Symbol.asyncDispose]());

const twice = async (query: string, variables: Variables = {}) => [
  await supergraph.execute({ query, variables }),
  await supergraph.execute({ query, variables }),
];

test("compiled operations give the same answers as Apollo's executor, to the letter, errors included", { tags: "slow" }, async () => {
  const random = randomSource(1);
  const { different, valid, withErrors, compiled } = await compareExecutors(composedSupergraph(), (schema) =>
    randomOperations(schema, { draw: (limit) => random.below(limit), count: 120 }),
  );
  expect(different).toEqual([]);
  expect(valid).toBeGreaterThan(60);
  expect(withErrors).toBeGreaterThan(15);
  expect(compiled).toBeGreaterThan(0.95 * valid);
});

test("Apollo's executor executes an operation once, to plan it, and the compiled operation from then on", async () => {
  const [first, second] = await twice("{ buildings { totalCount } }");
  expect([first?.by, second?.by]).toEqual(["apollo", "compiled"]);
  expect(second?.answer).toEqual(first?.answer);
});

test.each([
  ["introspection", "{ __schema { queryType { name } } }", {}],
  ["a response name that every object has", "{ constructor: buildings { totalCount } }", {}],
  ["a response name that would change the prototype", "{ __proto__: buildings { totalCount } }", {}],
  ["null for a condition", "query ($with: Boolean = true) { buildings { totalCount @include(if: $with) } }", { with: null }],
])("%s stays with Apollo's executor", async (_what, query, variables) => {
  const [first, second] = await twice(query, variables);
  expect([first?.by, second?.by]).toEqual(["apollo", "apollo"]);
  expect(JSON.stringify(second?.answer)).toBe(JSON.stringify(first?.answer));
  expect(Object.hasOwn(Object.prototype, "totalCount")).toBe(false);
});

test("an optional variable that is called like a property of every object stays without a value", async () => {
  const [apollo, compiled] = await twice(
    "query ($toString: String) { buildings(after: $toString) { totalCount pageInfo { hasNextPage } } }",
  );
  expect(compiled).toEqual({ answer: apollo?.answer, by: "compiled" });
});

test("a compiled operation refuses variables that are not valid", async () => {
  const query = "query ($id: ID!) { building(id: $id) { name } }";
  await twice(query, { id: "Building-1" });
  const refused = await supergraph.execute({ query, variables: {} });
  expect(refused.answer).toMatchObject({ status: 400, errors: [{ message: expect.stringContaining("$id") as unknown }] });
});

test("each combination of conditions has its own answer", async () => {
  const query =
    "query ($with: Boolean!) { buildings { totalCount @include(if: $with) pageInfo { hasNextPage @skip(if: $with) __typename } } }";
  const keysOf = async (withTotal: boolean) => {
    const { answer } = await supergraph.execute({ query, variables: { with: withTotal } });
    return JSON.stringify(answer.data, (_key, value: unknown) => (typeof value === "object" ? value : 0));
  };
  const apollo = await keysOf(true);
  expect([await keysOf(true), await keysOf(false), await keysOf(true)]).toEqual([
    apollo,
    expect.not.stringContaining("totalCount"),
    apollo,
  ]);
});

import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { composedSupergraph } from "@weft/testkit/composed-supergraph";
import { randomSource } from "@weft/testkit/random-source";
import { sized } from "@weft/testkit/sizes";
import { type GraphQLSchema, OperationTypeNode, parse } from "graphql";
import { expect, test } from "vitest";
import type { Operation } from "../../executor.js";
import { type ExampleOperation, readExampleOperations } from "../../explorer/example-operations.js";
import { toMirror } from "../../live/subscriptions/mirror.js";
import { resolveOperation } from "../../operations.js";
import { compareExecutors } from "../../testing/compare-executors.js";
import { operationsOfRootFields, randomOperations } from "../../testing/random-operations.js";

const seeds = Array.from({ length: sized({ part: 1, whole: 4 }) }, () => randomInt(1_000_000));
const count = sized({ part: 500, whole: 1_000 });

test.each(seeds)("random operations have the same answers from both executors (seed %i)", async (seed) => {
  const random = randomSource(seed);
  const { different, valid } = await compareExecutors(composedSupergraph(), (schema) =>
    randomOperations(schema, { draw: (limit) => random.below(limit), count }),
  );
  expect(different).toEqual([]);
  expect(valid).toBeGreaterThan(count / 2);
});

test("every root field has the same answer from both executors", async () => {
  const random = randomSource(5);
  let fields = 0;
  const { different, valid, compiled } = await compareExecutors(composedSupergraph(), (schema) => {
    const operations = [...operationsOfRootFields(schema, (limit) => random.below(limit))];
    fields = operations.length;
    return operations;
  });
  expect(different).toEqual([]);
  expect(fields).toBeGreaterThan(100);
  expect(valid).toBe(fields);
  // A few plans need what only Apollo's executor can do.
  expect(compiled).toBeGreaterThan(0.9 * fields);
});

test("every example operation has the same answer from both executors, subscriptions as the query that runs for each event", async () => {
  const examples = await readExampleOperations(fileURLToPath(new URL("../../../../examples/operations/", import.meta.url)));
  const { different, valid, compiled } = await compareExecutors(composedSupergraph(), (schema) =>
    examples.map((example) => operationOf(schema, example)),
  );
  expect(different).toEqual([]);
  expect(examples.length).toBeGreaterThan(30);
  expect(valid).toBe(examples.length);
  expect(compiled).toBe(examples.length);
});

function operationOf(schema: GraphQLSchema, { source, variables: text }: ExampleOperation): Operation {
  const variables = text === undefined ? {} : (JSON.parse(text) as Operation["variables"]);
  const document = parse(source);
  const operation = resolveOperation(document, undefined);
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return { query: source, variables };
  const mirror = toMirror(schema, document, operation, variables);
  return { query: mirror.query, variables: { ...mirror.variables, [mirror.atVariable]: "a cursor" } };
}

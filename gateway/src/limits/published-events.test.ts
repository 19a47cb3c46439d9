import type { Viewer } from "@weft/shared/viewer";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import type { OperationContext } from "../context.js";
import { countingPublishedEvents } from "./published-events.js";

/** Returns the number of events that a document counts as. */
async function countOf(query: string, operationName?: string): Promise<number> {
  let counted = 0;
  const consume = (_key: string, points: number) => Promise.resolve({ consumedPoints: (counted += points), msBeforeNext: 60_000 });
  const executor = countingPublishedEvents(
    {
      schema: buildSchema("type Query { a: Int }"),
      internalSchema: buildSchema("type Query { a: Int }"),
      execute: () => Promise.resolve({ data: null, status: 200 }),
      stop: () => Promise.resolve(),
    },
    { counters: { counter: () => ({ consume }) }, limits: { publishedEventsPerMinute: 1_000_000 } },
  );
  const viewer = { tenantId: "t", permissions: { "event.publish": ["TENANT"] }, denials: {} } as unknown as Viewer;
  await executor.execute({ query, variables: {}, ...(operationName !== undefined && { operationName }) }, { viewer } as OperationContext);
  return counted;
}

const call = 'publishEvent(input: { type: "custom.a", payload: {} }) { eventId }';

test("events count after any number of other selections", async () => {
  const deep = `${"... { ".repeat(90)}__typename${" }".repeat(90)}`;
  expect(await countOf(`mutation { ${"...Deep ".repeat(150)} a: ${call} b: ${call} } fragment Deep on Mutation { ${deep} }`)).toBe(2);
  expect(await countOf(`mutation { ${"__typename ".repeat(10_001)} ${call} }`)).toBe(1);
});

test("a fragment counts each time it is spread, and only the operation that runs counts", async () => {
  const doubled = `fragment One on Mutation { ${call} } fragment Two on Mutation { ...One ... { ...One } }`;
  expect(await countOf(`mutation { ...Two ...Two ${call} } ${doubled}`)).toBe(5);
  expect(await countOf(`mutation A { ${call} } mutation B { b: ${call} c: ${call} }`, "B")).toBe(2);
  expect(await countOf("mutation { ...A } fragment A on Mutation { ...A publishEvent }")).toBe(1);
});

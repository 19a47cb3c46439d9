import { loadConfig, newId, RateLimited, ServiceUnavailable, type EventEnvelope, type Viewer } from "@weft/shared";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import type { OperationResult } from "../executor.js";
import { buildPayload } from "./build-payload.js";

const schema = buildSchema("type Query { a: Int }");
const event = {
  id: newId(),
  type: "building.created",
  subjectType: "building",
  subjectId: newId(),
  related: {},
  payload: {},
  actorId: newId(),
  onBehalfOf: null,
} as unknown as EventEnvelope;

const build = (answer: () => Promise<OperationResult>) =>
  buildPayload(
    { schema, execute: answer },
    { query: "{ a }", event, viewer: {} as Viewer, timeoutMs: 1_000, limits: loadConfig({}).limits },
  );

test("a payload is built later if a subgraph or the limits refuse the query for the moment, even if other parts have data", async () => {
  expect(await build(() => Promise.reject(new ServiceUnavailable("vendors")))).toMatchObject({ kind: "unavailable" });
  expect(await build(() => Promise.reject(new RateLimited({ retryAfter: 1 }, "Too many.")))).toMatchObject({ kind: "unavailable" });
  const errors = [{ message: "Away.", path: ["a"], extensions: { code: "SERVICE_UNAVAILABLE" } }];
  expect(await build(() => Promise.resolve({ data: { a: null }, errors, status: 200 }))).toEqual({ kind: "unavailable", error: "Away." });
});

test("a query that the schema no longer allows fails with the reason", async () => {
  const errors = [{ message: 'Cannot query field "a" on type "Query".' }];
  expect(await build(() => Promise.resolve({ errors, status: 400 }))).toEqual({
    kind: "failed",
    error: 'The query was refused: Cannot query field "a" on type "Query".',
  });
});

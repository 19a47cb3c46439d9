import { RateLimited, ServiceUnavailable } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { loadConfig } from "@weft/platform/config";
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
  const answer = await build(() => Promise.resolve({ data: { a: null }, errors, status: 200 }));
  expect(answer).toEqual({ kind: "unavailable", error: "SERVICE_UNAVAILABLE at a." });
});

test("a query that the schema no longer allows fails with the reason", async () => {
  const errors = [{ message: 'Cannot query field "a" on type "Query".', extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }];
  expect(await build(() => Promise.resolve({ errors, status: 400 }))).toEqual({
    kind: "failed",
    error: 'The query was refused: Cannot query field "a" on type "Query".',
  });
});

test("errors name the code and the field, but no values and no positions in lists", async () => {
  const errors = [{ message: 'Order "secret" was not found.', path: ["orders", 7, "a"], extensions: { code: "NOT_FOUND" } }];
  expect(await build(() => Promise.resolve({ data: {}, errors, status: 200 }))).toMatchObject({
    kind: "built",
    error: "The query returned errors, for example NOT_FOUND at orders.a.",
  });
  expect(await build(() => Promise.resolve({ data: null, errors, status: 200 }))).toEqual({
    kind: "failed",
    error: "The query failed: NOT_FOUND at orders.a.",
  });
});

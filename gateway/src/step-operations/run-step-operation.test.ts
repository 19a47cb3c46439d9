import type { Viewer } from "@weft/shared";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import type { Limits } from "../limits/limits.js";
import { runStepOperation } from "./run-step-operation.js";

const schema = buildSchema("type Query { sessions: Int tenant: Int } type Mutation { createApiKey: Int }");

const run = (query: string): Promise<unknown> =>
  runStepOperation(
    { schema, execute: () => Promise.reject(new Error("The operation was executed.")) },
    {
      operation: {
        id: "o",
        runId: "0190a5d2-0000-7000-8000-000000000000",
        step: "s",
        userId: null,
        publisherId: null,
        sessionIds: [],
        agent: null,
        query,
        variables: {},
        idempotencyKey: "k",
        wasBegun: false,
      },
      viewer: {} as Viewer,
      timeoutMs: 1000,
      limits: { tokens: 1000 } as Limits,
    },
  );

test.each([
  ["mutation { ...keys } fragment keys on Mutation { createApiKey }", "createApiKey"],
  ["{ sessions }", "sessions"],
])("a definition of an earlier release cannot run what is for people: %s", async (query, name) => {
  expect(await run(query)).toMatchObject({
    ok: false,
    code: "FORBIDDEN",
    isFinal: true,
    message: expect.stringContaining(name) as unknown,
  });
});

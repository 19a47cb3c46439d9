import type { Viewer } from "@weft/shared/viewer";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import type { Limits } from "../limits/limits.js";
import { runStepOperation } from "./run-step-operation.js";

const schema = buildSchema(
  "type Query { sessions: Int tenant: Int } type Mutation { createApiKey: Int startWorkflow: Int updateAsset: Int }",
);

const run = (query: string, runsBefore = (): Promise<number> => Promise.resolve(0)): Promise<unknown> =>
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
        causeId: null,
        agent: null,
        query,
        variables: {},
        idempotencyKey: "k",
        wasBegun: false,
      },
      viewer: {} as Viewer,
      runsBefore,
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

test.each(["startWorkflow", "updateAsset"])("%s is refused after too many runs that have led to each other", async (name) => {
  const refused = { ok: false, code: "WORKFLOW_LIMIT", isFinal: true };
  expect(await run(`mutation { ${name} }`, () => Promise.resolve(8))).toMatchObject(refused);
  expect(await run(`mutation { ...f } fragment f on Mutation { ${name} }`, () => Promise.resolve(8))).toMatchObject(refused);
  expect(await run(`mutation { ${name} }`, () => Promise.resolve(7))).not.toMatchObject(refused);
});

test("a mutation whose chain of runs cannot be read gets a final result", async () => {
  const broken = (): Promise<number> => Promise.reject(new Error("broken"));
  expect(await run("mutation { startWorkflow }", broken)).toMatchObject({ ok: false, code: "INTERNAL", isFinal: true });
});

import { newId, type Viewer } from "@weft/shared";
import { setImmediate } from "node:timers/promises";
import { GraphQLSchema } from "graphql";
import { expect, test } from "vitest";
import type { OperationContext } from "../context.js";
import type { Executor, OperationResult } from "../executor.js";
import { Planning } from "./planning.js";

/** An executor whose operations note that they began, and end when they are told to. Turns follow each other at once. */
function anExecutor() {
  const began: string[] = [];
  const contexts = new Map<string, OperationContext>();
  const ends = new Map<string, (result: OperationResult) => void>();
  const executor: Executor = {
    schema: new GraphQLSchema({}),
    stop: () => Promise.resolve(),
    execute: async ({ query }, context) => {
      began.push(query);
      contexts.set(query, context);
      const { promise, resolve } = Promise.withResolvers<OperationResult>();
      ends.set(query, resolve);
      return promise;
    },
  };
  const planning = new Planning(() => Promise.resolve());
  const turns = planning.over(executor);
  return {
    began,
    run: (tenantId: string, query: string) => turns.execute({ query, variables: {} }, contextOf(tenantId)),
    planned: (query: string) => planning.planned(contexts.get(query) as OperationContext),
    end: (query: string, result: OperationResult = { data: {}, status: 200 }) => ends.get(query)?.(result),
    /** Those that have begun once everything that needs no timer, socket or test has happened: nothing here has any. */
    begun: async (): Promise<readonly string[]> => {
      await setImmediate();
      return [...began];
    },
  };
}

const contextOf = (tenantId: string): OperationContext => ({
  viewer: { tenantId } as Viewer,
  requestId: newId(),
  address: null,
  userAgent: null,
  traceId: null,
  signal: new AbortController().signal,
});

test("new texts are planned one at a time, tenant by tenant, and run at the same time", async () => {
  const { run, planned, begun } = anExecutor();
  const [loud, quiet] = [newId(), newId()];
  for (const text of ["a", "b", "c"]) void run(loud, text);
  void run(quiet, "d");
  expect(await begun()).toEqual(["a"]);
  // Nothing has ended: their plans were made.
  planned("a");
  expect(await begun()).toEqual(["a", "b"]);
  planned("b");
  expect(await begun()).toEqual(["a", "b", "d"]);
  planned("d");
  expect(await begun()).toEqual(["a", "b", "d", "c"]);
});

test("a text that is known does not wait", async () => {
  const { run, planned, end, begun } = anExecutor();
  const tenant = newId();
  const first = run(tenant, "known");
  await begun();
  planned("known");
  end("known");
  await first;
  void run(tenant, "new");
  await begun();
  void run(tenant, "newer");
  void run(tenant, "known");
  expect(await begun()).toEqual(["known", "new", "known"]);
});

test("an operation that was answered without a call to a subgraph has a known text", async () => {
  const { run, end, begun } = anExecutor();
  const tenant = newId();
  const first = run(tenant, "introspection");
  await begun();
  end("introspection");
  await first;
  void run(tenant, "new");
  void run(tenant, "introspection");
  expect(await begun()).toEqual(["introspection", "introspection", "new"]);
});

test("a text that was refused waits for its turn each time: it is validated again", async () => {
  const { run, end, begun } = anExecutor();
  const tenant = newId();
  const refused = run(tenant, "invalid");
  await begun();
  end("invalid", { errors: [{ message: "", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }], status: 400 });
  await refused;
  void run(tenant, "new");
  void run(tenant, "invalid");
  expect(await begun()).toEqual(["invalid", "new"]);
  end("new");
  expect(await begun()).toEqual(["invalid", "new", "invalid"]);
});

test("what is refused before it is planned gives its turn back", async () => {
  const { run, end, begun } = anExecutor();
  const tenant = newId();
  const refused = run(tenant, "refused");
  void run(tenant, "next");
  await begun();
  end("refused");
  await refused;
  expect(await begun()).toEqual(["refused", "next"]);
});

test("new texts beyond fifty that wait are refused", async () => {
  const { run } = anExecutor();
  const tenant = newId();
  const all = Array.from({ length: 52 }, (_, n) => run(tenant, `text ${n}`));
  await expect(all[51]).rejects.toMatchObject({ extensions: { code: "RATE_LIMITED" } });
});

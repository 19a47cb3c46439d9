import { RateLimited } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { setImmediate } from "node:timers/promises";
import { GraphQLSchema } from "graphql";
import { expect, onTestFinished, test, vi } from "vitest";
import type { OperationContext } from "../context.js";
import type { Executor, OperationResult } from "../executor.js";
import { Planning } from "./planning.js";

/** An executor whose operations record their start and end on command. Turns follow each other immediately. */
function anExecutor(pause: (ms: number) => Promise<unknown> = () => Promise.resolve()) {
  const began: string[] = [];
  const contexts = new Map<string, OperationContext>();
  const ends = new Map<string, (result: OperationResult) => void>();
  const executor: Executor = {
    schema: new GraphQLSchema({}),
    internalSchema: new GraphQLSchema({}),
    stop: () => Promise.resolve(),
    execute: async ({ query }, context) => {
      began.push(query);
      contexts.set(query, context);
      const { promise, resolve } = Promise.withResolvers<OperationResult>();
      ends.set(query, resolve);
      return promise;
    },
  };
  const planning = new Planning(pause);
  const turns = planning.over(executor);
  return {
    began,
    run: (tenantId: string, query: string) => turns.execute({ query, variables: {} }, contextOf(tenantId)),
    planned: (query: string) => planning.planned(contexts.get(query) as OperationContext),
    end: (query: string, result: OperationResult = { data: {}, status: 200 }) => ends.get(query)?.(result),
    /** Returns the operations that have started, once all pending promises are settled. Nothing here uses timers or sockets. */
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

test("new texts are planned one at a time, in turn between tenants, and executed concurrently", async () => {
  const { run, planned, begun } = anExecutor();
  const [loud, quiet] = [newId(), newId()];
  for (const text of ["a", "b", "c"]) void run(loud, text);
  void run(quiet, "d");
  expect(await begun()).toEqual(["a"]);
  // No operation has ended, but their plans are complete.
  planned("a");
  expect(await begun()).toEqual(["a", "b"]);
  planned("b");
  expect(await begun()).toEqual(["a", "b", "d"]);
  planned("d");
  expect(await begun()).toEqual(["a", "b", "d", "c"]);
});

test("a known text does not wait", async () => {
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

test("the text of an operation that was answered without a call to a subgraph is known", async () => {
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

test("after a text, others wait for as long as it took, but not after one that the planner gave up", async () => {
  const pauses: number[] = [];
  const { run, planned, end, begun } = anExecutor(async (ms) => pauses.push(ms));
  const clock = vi.spyOn(performance, "now");
  onTestFinished(() => clock.mockRestore());
  clock.mockReturnValue(1_000);
  void run(newId(), "long");
  void run(newId(), "hangs");
  void run(newId(), "next");
  await begun();
  clock.mockReturnValue(1_100);
  planned("long");
  expect(await begun()).toEqual(["long", "hangs"]);
  clock.mockReturnValue(11_100);
  end("hangs", { errors: [{ message: "", extensions: { code: "SERVICE_UNAVAILABLE" } }], status: 503 });
  expect(await begun()).toEqual(["long", "hangs", "next"]);
  expect(pauses).toEqual([100, 1_000]);
});

test("a text that was refused waits for its turn each time because it is validated again", async () => {
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

test("an operation that is refused before planning returns its turn", async () => {
  const { run, end, begun } = anExecutor();
  const tenant = newId();
  const refused = run(tenant, "refused");
  void run(tenant, "next");
  await begun();
  end("refused");
  await refused;
  expect(await begun()).toEqual(["refused", "next"]);
});

test("a new text of a tenant that has used its share of processor time is refused before it is validated and planned", async () => {
  const flood = newId();
  const planning = new Planning(
    () => Promise.resolve(),
    (tenantId) => {
      if (tenantId === flood) throw new RateLimited({ retryAfter: 9 }, "Too much.");
    },
  );
  let done = 0;
  const rateLimited = { extensions: { code: "RATE_LIMITED", retryAfter: 9 } };
  await expect(planning.turn(contextOf(flood), () => ++done)).rejects.toMatchObject(rateLimited);
  expect(done).toBe(0);
  expect(await planning.turn(contextOf(newId()), () => ++done)).toBe(1);
});

test("refuses new texts if more than fifty are waiting", async () => {
  const { run } = anExecutor();
  const tenant = newId();
  const all = Array.from({ length: 52 }, (_, n) => run(tenant, `text ${n}`));
  await expect(all[51]).rejects.toMatchObject({ extensions: { code: "RATE_LIMITED" } });
});

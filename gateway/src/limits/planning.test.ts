import { newId, type Viewer } from "@weft/shared";
import { setTimeout } from "node:timers/promises";
import { GraphQLSchema } from "graphql";
import { expect, test } from "vitest";
import type { OperationContext } from "../context.js";
import type { Executor } from "../executor.js";
import { Planning } from "./planning.js";

/** An executor whose operations note that they began, and end when they are told to. */
function anExecutor() {
  const began: string[] = [];
  const contexts = new Map<string, OperationContext>();
  const ends = new Map<string, () => void>();
  const executor: Executor = {
    schema: new GraphQLSchema({}),
    stop: () => Promise.resolve(),
    execute: async ({ query }, context) => {
      began.push(query);
      contexts.set(query, context);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(query, resolve);
      await promise;
      return { status: 200 };
    },
  };
  const planning = new Planning();
  const turns = planning.over(executor);
  return {
    began,
    run: (tenantId: string, query: string) => turns.execute({ query, variables: {} }, contextOf(tenantId)),
    planned: (query: string) => planning.planned(contexts.get(query) as OperationContext),
    end: (query: string) => ends.get(query)?.(),
    /** Waits until so many have begun, and for a moment that nobody else begins. */
    begun: async (count: number): Promise<readonly string[]> => {
      await expect.poll(() => began.length, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(count);
      await setTimeout(30);
      return began;
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
  expect(await begun(1)).toEqual(["a"]);
  // Nothing has ended: their plans were made.
  planned("a");
  expect(await begun(2)).toEqual(["a", "b"]);
  planned("b");
  expect(await begun(3)).toEqual(["a", "b", "d"]);
  planned("d");
  expect(await begun(4)).toEqual(["a", "b", "d", "c"]);
});

test("a text that is known does not wait", async () => {
  const { run, planned, end, begun } = anExecutor();
  const tenant = newId();
  const first = run(tenant, "known");
  await begun(1);
  planned("known");
  end("known");
  await first;
  void run(tenant, "new");
  await begun(2);
  void run(tenant, "newer");
  void run(tenant, "known");
  expect(await begun(3)).toEqual(["known", "new", "known"]);
});

test("what is refused before it is planned gives its turn back", async () => {
  const { run, end, begun } = anExecutor();
  const tenant = newId();
  const refused = run(tenant, "refused");
  void run(tenant, "next");
  await begun(1);
  end("refused");
  await refused;
  expect(await begun(2)).toEqual(["refused", "next"]);
});

test("new texts beyond fifty that wait are refused", async () => {
  const { run } = anExecutor();
  const tenant = newId();
  const all = Array.from({ length: 52 }, (_, n) => run(tenant, `text ${n}`));
  await expect(all[51]).rejects.toMatchObject({ extensions: { code: "RATE_LIMITED" } });
});

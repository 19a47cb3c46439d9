import { fileURLToPath } from "node:url";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { composedSupergraph } from "@weft/testkit/composed-supergraph";
import { Kind, parse } from "graphql";
import { expect, onTestFinished, test } from "vitest";
import { readExampleOperations } from "../../explorer/example-operations.js";
import { composeSupergraph } from "../federation.js";
import { people, requests } from "../../testing/subgraphs.js";
import { Planner, type PlannerOptions } from "./planner.js";

const root = new URL("../../../../", import.meta.url);
const failing = fileURLToPath(new URL("../../testing/failing-thread.ts", import.meta.url));

async function startPlanner(options: Partial<PlannerOptions> = {}) {
  const messages: string[] = [];
  const supergraphSdl = composeSupergraph([people(), requests()]);
  const planner = new Planner({ supergraphSdl, onMessage: (_level, message) => messages.push(message), ...options });
  onTestFinished(() => planner.close());
  await planner.start();
  return { planner, messages };
}

const unavailable = { extensions: { code: "SERVICE_UNAVAILABLE" } };

test("the thread makes the same plans as the event loop, for all examples", { tags: "slow" }, async () => {
  const supergraphSdl = composedSupergraph();
  const { planner } = await startPlanner({ supergraphSdl });
  const supergraph = Supergraph.build(supergraphSdl);
  const [schema, inProcess] = [supergraph.apiSchema(), new QueryPlanner(supergraph)];
  let compared = 0;
  for (const { source } of await readExampleOperations(fileURLToPath(new URL("examples/operations/", root)))) {
    const document = parse(source);
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION || String(definition.operation) === "subscription") continue;
      const operationName = definition.name?.value;
      const operation = operationFromDocument(schema, document, operationName === undefined ? {} : { operationName });
      const expected = JSON.parse(JSON.stringify(inProcess.buildQueryPlan(operation))) as unknown;
      expect((await planner.plan({ text: source, operationName }))?.plan).toEqual(expected);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(20);
});

test("there is no plan before the thread is ready and after it is closed", { tags: "slow" }, async () => {
  const planner = new Planner({ supergraphSdl: composeSupergraph([people(), requests()]), onMessage: () => undefined });
  const task = { text: "{ me { id } }", operationName: undefined };
  expect(await planner.plan(task)).toBeUndefined();
  await Promise.all([planner.start(), planner.start()]);
  expect(await planner.plan(task)).toMatchObject({ plan: { kind: "QueryPlan" } });
  await planner.close();
  await planner.start();
  expect(await planner.plan(task)).toBeUndefined();
});

test("an operation that cannot be planned throws the planner's error, and the thread goes on", { tags: "slow" }, async () => {
  const { planner } = await startPlanner();
  await expect(planner.plan({ text: "{ unknown }", operationName: undefined })).rejects.toThrow('Cannot query field "unknown"');
  expect(planner.isReady).toBe(true);
});

test.each(["crash", "hang"])("an operation that makes the thread %s fails, and later ones are planned by a new thread", async (text) => {
  const { planner, messages } = await startPlanner({ file: failing, timeoutMs: 200 });
  const task = { text, operationName: undefined };
  const [ended, waited] = await Promise.allSettled([planner.plan(task), planner.plan({ ...task, text: "waits" })]);
  expect([ended, waited]).toMatchObject([{ reason: unavailable }, { reason: unavailable }]);
  expect(await planner.plan({ ...task, text: "later" })).toMatchObject({ plan: { kind: "QueryPlan" } });
  expect(messages).toEqual(Array(2).fill("A thread plans new operations from now on."));
});

test("without a thread, the event loop plans, and the log says so once", async () => {
  const { planner, messages } = await startPlanner({ file: "/nowhere/thread.js" });
  expect(planner.isReady).toBe(false);
  await planner.start();
  expect(await planner.plan({ text: "{ me { id } }", operationName: undefined })).toBeUndefined();
  expect(messages.filter((message) => message.includes("did not start"))).toHaveLength(1);
});

import { fileURLToPath } from "node:url";
import { newId } from "@weft/shared/ids";
import { loadConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { expect, onTestFinished, test, vi } from "vitest";
import type { OperationContext } from "../../context.js";
import { startExecutor } from "../../executor.js";
import type { SubgraphClient } from "../../subgraphs/client.js";
import { people, requests } from "../../testing/subgraphs.js";
import { composeSupergraph, createFederation } from "../federation.js";
import { Planner } from "./planner.js";
import type { PlanTask } from "./planner-thread.js";

const supergraphSdl = composeSupergraph([people(), requests()]);
const failing = fileURLToPath(new URL("../../testing/failing-thread.ts", import.meta.url));

/** Counts the tasks of the thread. */
class CountingPlanner extends Planner {
  readonly tasks: PlanTask[] = [];

  override async plan(task: PlanTask): ReturnType<Planner["plan"]> {
    const planned = await super.plan(task);
    if (planned) this.tasks.push(task);
    return planned;
  }
}

/** A gateway whose subgraph `people` answers every call with the same user. */
async function start({ file, threadAfterMs }: { file?: string; threadAfterMs: number }) {
  const planner = new CountingPlanner({ supergraphSdl, onMessage: () => undefined, ...(file !== undefined && { file }) });
  const client: SubgraphClient = {
    name: "people",
    send: async () => ({ data: { me: { id: "1", name: "Ada" } } }),
    isAvailable: async () => true,
    close: async () => undefined,
  };
  const clients = new Map(["people", "requests"].map((name) => [name, client]));
  const config = loadConfig({}, { LOG_LEVEL: "silent" });
  const federation = createFederation({ supergraphSdl, clients, onMessage: () => undefined, planner, threadAfterMs });
  const executor = await startExecutor({ federation, limits: config.limits, allowHints: true, log: createLogger(config) });
  onTestFinished(() => executor.stop());
  const run = (query: string) => executor.execute({ query, variables: {} }, contextOf());
  return { planner, run };
}

const contextOf = (): OperationContext => ({
  viewer: null,
  requestId: newId(),
  address: null,
  userAgent: null,
  traceId: null,
  signal: new AbortController().signal,
});

const ada = { data: { me: { name: "Ada" } }, status: 200 };

test(
  "the event loop plans operations until that has taken some time, and the thread plans all later ones, each once",
  { tags: "slow" },
  async () => {
    const { planner, run } = await start({ threadAfterMs: 0.001 });
    expect(planner.isReady).toBe(false);
    expect(await run("query First { me { name } }")).toMatchObject(ada);
    // The first operation started the thread.
    await planner.start();
    expect([planner.isReady, planner.tasks.length]).toEqual([true, 0]);
    const again = Array.from({ length: 3 }, () => run("query Second { me { name } }"));
    for (const answer of await Promise.all(again)) expect(answer).toMatchObject(ada);
    expect(await run("query Second { me { name } }")).toMatchObject(ada);
    expect(await run("query First { me { name } }")).toMatchObject(ada);
    expect(planner.tasks).toEqual([{ text: "query Second { me { name } }", operationName: undefined }]);
  },
);

test("a process that plans little does not start the thread", async () => {
  const { planner, run } = await start({ threadAfterMs: 60_000 });
  expect(await run("{ me { name } }")).toMatchObject(ada);
  expect(planner.isReady).toBe(false);
  expect(planner.tasks).toEqual([]);
});

test("an operation whose planning ends the thread is answered with SERVICE_UNAVAILABLE, and the next one is planned", async () => {
  const { planner, run } = await start({ file: failing, threadAfterMs: 0.001 });
  await planner.start();
  const { errors } = await run("query crash { me { name } }");
  expect(errors).toMatchObject([{ extensions: { code: "SERVICE_UNAVAILABLE" } }]);
  await planner.start();
  expect(planner.isReady).toBe(true);
  expect((await run("query next { me { name } }")).status).toBe(200);
});

test("the thread also plans what only the gateway calls", { tags: "slow" }, async () => {
  let isReady = false;
  const client: SubgraphClient = {
    name: "requests",
    send: async () => ({ data: { requestChanged: { cursor: "1" } } }),
    isAvailable: async () => true,
    close: async () => undefined,
  };
  const clients = new Map(["people", "requests"].map((name) => [name, client]));
  const onMessage = (_level: string, message: string): void => void (isReady ||= message.startsWith("A thread plans"));
  const federation = createFederation({ supergraphSdl, clients, onMessage, threadAfterMs: 0.001 });
  const config = loadConfig({}, { LOG_LEVEL: "silent" });
  const executor = await startExecutor({ federation, limits: config.limits, allowHints: true, log: createLogger(config) });
  onTestFinished(() => executor.stop());
  const run = (query: string) => executor.execute({ query, variables: {}, isInternal: true }, contextOf());
  // The processor time of a thread advances in steps of milliseconds: planning one operation can have taken none.
  let planned = 0;
  await vi.waitUntil(async () => {
    await run(`query First${planned++} { requestChanged { cursor } }`);
    return isReady;
  }, 20_000);
  expect(await run("query Second { requestChanged { cursor } }")).toEqual({ data: { requestChanged: { cursor: "1" } }, status: 200 });
});

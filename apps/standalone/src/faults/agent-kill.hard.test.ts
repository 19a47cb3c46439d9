import { channels } from "@weft/shared/event-catalog";
import {
  brokenInvariants,
  type ModelServer,
  type SeenRequest,
  startModelServer,
  startTestWeft,
  type TestUser,
  type TestWeft,
  until,
} from "@weft/testkit";
import { type WorkerProcess, type WorkerProcesses, workerProcessesOf } from "@weft/testkit/processes/worker-processes";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// Acceptance 4 of automation: a worker is killed while three agents work, and every call and its cost is counted once.

const MODEL = "scripted";
const graph = `weft: 1
kind: automation
key: graph
name: Graph
steps:
  - { id: research, type: agent, depends_on: [], with: { agent: researcher, prompt: "Find it" } }
  - { id: deploy, type: agent, with: { agent: deployer, prompt: "Deploy {{ steps.research.outputs.text }}" } }
  - { id: report, type: agent, with: { agent: reporter, prompt: "Report on {{ steps.deploy.outputs.text }}" } }
`;

/** What the tool of the agent of this automation starts. It is counted by what it leaves, because nothing but its idempotency key keeps it from being repeated. */
const STARTED = "started-by-a-tool";
const starting = `weft: 1
kind: automation
key: starting
name: Starting
steps:
  - { id: work, type: agent, with: { agent: starter, prompt: "Start it" } }
`;
const started = `weft: 1
kind: automation
key: ${STARTED}
name: Started
steps:
  - { id: nothing, type: set, with: { values: { done: true } } }
`;

let weft: TestWeft;
let workers: WorkerProcesses;
let worker: WorkerProcess;
let owner: postgres.Sql;
let models: ModelServer;
let tools: HttpServer;
let admin: TestUser;
let waking: NodeJS.Timeout;
let approver: TestUser;
/** Idempotency keys of the requests that the tool has received. */
const released: string[] = [];
/** Called with each request of a model before it is answered. */
let onAsked: (request: SeenRequest) => Promise<void> = () => Promise.resolve();

/** What a request asks: whose turn it is, and which. */
const turnOf = ({ body }: SeenRequest): string => {
  const agent = /I am the (\w+)\./.exec(JSON.stringify(body.messages))?.[1] ?? "nobody";
  return `${agent} ${body.messages.filter(({ role }) => role === "assistant").length + 1}`;
};

beforeAll(async () => {
  models = await startModelServer();
  models.answer(MODEL, async (request) => {
    await onAsked(request);
    const turn = turnOf(request);
    if (turn === "starter 1") return { toolCalls: [{ name: "start", arguments: "{}" }] };
    return turn === "deployer 1" ? { toolCalls: [{ name: "release", arguments: '{"tag":"7"}' }] } : { text: `I was ${turn}.` };
  });
  tools = await serveHttp((request, response) => {
    released.push(String(request.headers["idempotency-key"]));
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
  const settings = { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" };
  weft = await startTestWeft({ settings });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  workers = await workerProcessesOf(weft);
  worker = await workers.start({ settings });
  const tenant = await weft.tenant();
  ({ admin } = tenant);
  // Between processes, Redis carries the messages with which a worker wakes the gateways. This server has none.
  waking = setInterval(() => void weft.weft.services.pubsub.publish(channels.stepOperations, tenant.id), 250);
  approver = await tenant.user("operations");
  const { createModelProvider } = await admin.run<{ createModelProvider: { modelProvider: { id: string } } }>(
    "mutation ($input: CreateModelProviderInput!) { createModelProvider(input: $input) { modelProvider { id } } }",
    {
      input: {
        key: "local",
        name: "Local",
        kind: "OPENAI_COMPATIBLE",
        baseUrl: models.openAiUrl,
        prices: [{ model: MODEL, inputMicros: 1_000_000, outputMicros: 2_000_000 }],
      },
    },
  );
  const release = {
    kind: "HTTP",
    name: "release",
    description: "Releases.",
    method: "POST",
    url: `${tools.url}/release`,
    parameters: { properties: { tag: { type: "string" } } },
    approvalRoles: ["operations"],
  };
  const start = {
    kind: "GRAPHQL",
    name: "start",
    description: "Starts it.",
    query: `mutation { ...start } fragment start on Mutation { startWorkflow(input: { definitionKey: "${STARTED}" }) { instance { id } } }`,
  };
  const toolsOf: Readonly<Record<string, readonly object[]>> = { deployer: [release], starter: [start] };
  for (const key of ["researcher", "deployer", "reporter", "starter"])
    await admin.run("mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }", {
      input: {
        key,
        name: key,
        providerId: createModelProvider.modelProvider.id,
        model: MODEL,
        instructions: `I am the ${key}.`,
        tools: toolsOf[key] ?? [],
        permissions: key === "starter" ? ["workflow.start", "workflow.read"] : [],
      },
    });
  for (const source of [graph, started, starting]) await tenant.definition(source);
}, 240_000);
afterAll(async () => {
  clearInterval(waking);
  await workers.stop();
  await owner.end();
  await weft.stop();
  await models.close();
  await tools.close();
});

interface Seen {
  readonly workflowInstance: {
    readonly runs: readonly {
      readonly status: string;
      readonly usage: { readonly tokensIn: number; readonly tokensOut: number; readonly costMicros: number };
      readonly steps: readonly {
        readonly step: string;
        readonly status: string;
        readonly agentCalls: readonly {
          readonly status: string;
          readonly tokensIn: number;
          readonly tokensOut: number;
          readonly costMicros: number;
          readonly toolCalls: readonly { readonly status: string }[];
        }[];
      }[];
    }[];
  };
}

const seen = async (id: string) => {
  const query =
    "query ($id: ID!) { workflowInstance(id: $id) { runs { status usage { tokensIn tokensOut costMicros } steps { step status agentCalls { status tokensIn tokensOut costMicros toolCalls { status } } } } } }";
  const [run] = (await admin.run<Seen>(query, { id })).workflowInstance.runs;
  if (!run) throw new Error("There is no run.");
  return run;
};

const awaited = async (): Promise<readonly { readonly id: string }[]> =>
  (await approver.run<{ awaitedAgentToolCalls: { id: string }[] }>("{ awaitedAgentToolCalls { id } }")).awaitedAgentToolCalls;

/** Approves the calls of tools that wait for it. */
async function approve(): Promise<void> {
  for (const { id } of await awaited())
    await approver.run("mutation ($id: ID!) { decideAgentToolCall(input: { id: $id, isApproved: true }) { toolCall { id } } }", { id });
}

/** Starts the worker again. Its leases are over, so that the test need not wait for their ends. */
async function restart(): Promise<void> {
  await worker.end("SIGKILL");
  await owner`update workflows.run_steps set due_at = now() where lease_token is not null`;
  await worker.start();
}

interface Moment {
  readonly name: string;
  /** Kills the worker. Resolves when it is dead. */
  readonly kill: (id: string) => Promise<void>;
  /** The turn whose answer is lost. */
  readonly lost?: string;
  /** How often the tool is called, always with the same key. Default: once. */
  readonly tools?: number;
}

/** Kills the worker when it reaches a chaos point. Whatever waits for an approval before that is approved. */
const at = (points: string) => async () => {
  worker.arm(points);
  const ended = worker.ended().then(() => true);
  await until(
    async () => {
      await approve();
      return Promise.race([ended, Promise.resolve(false)]);
    },
    { what: `the worker is killed at ${points}`, deadlineMs: 60_000 },
  );
};

const moments: readonly Moment[] = [
  {
    name: "the model is asked",
    lost: "reporter 1",
    kill: async () => {
      onAsked = async (request) => {
        if (turnOf(request) !== "reporter 1") return;
        onAsked = () => Promise.resolve();
        await worker.end("SIGKILL");
      };
      await at("never.reached:1")();
    },
  },
  { name: "the model has answered, and it is not recorded", lost: "researcher 1", kill: at("app.endAgentCall:1") },
  { name: "an answer that calls a tool is not recorded", lost: "deployer 1", kill: at("app.endAgentCall:2") },
  { name: "an answer that calls a tool is recorded", kill: at("app.insertAgentToolCalls>app.agentConversationBytes:1") },
  { name: "an agent is done, and its step is not", kill: at("app.usedByAgentStep>runs.advanced:1") },
  { name: "an agent is done, and the next one has not begun", kill: at("app.insertAgentSession:2") },
  {
    name: "a tool awaits approval",
    kill: async (id) => {
      await until(async () => (await seen(id)).steps.some(({ status }) => status === "WAITING"), {
        what: "the step waits",
        deadlineMs: 60_000,
      });
      await worker.end("SIGKILL");
      await approve();
    },
  },
  { name: "a tool is approved, and not yet called", kill: at("app.lockAgentLease>app.lockAgentLease:2") },
  { name: "a tool was called, and its result is not recorded", tools: 2, kill: at("app.endAgentToolCall:1") },
  { name: "the result of a tool is recorded", kill: at("app.endAgentToolCall>app.agentConversationBytes:1") },
];

test.each(drawn(moments, { of: 6 }))(
  "if the worker is killed when $name, every answer is asked for, and paid for, once",
  { timeout: 120_000 },
  async ({ kill, lost, tools: toolCalls = 1 }) => {
    const before = { asked: models.requestsOf(MODEL).length, released: released.length };
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "graph" }) { instance { id } } }',
    );
    const { id } = startWorkflow.instance;
    await kill(id);
    expect((await seen(id)).status).toBe("RUNNING");
    await restart();
    await until(
      async () => {
        await approve();
        return (await seen(id)).status !== "RUNNING";
      },
      { what: "the run has ended", deadlineMs: 60_000 },
    );

    const { status, usage, steps } = await seen(id);
    expect([status, ...steps.map((step) => step.status)]).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    // By the model's own count: what was answered and recorded was not asked again.
    const asked = models.requestsOf(MODEL).slice(before.asked).map(turnOf);
    const expected = ["researcher 1", "deployer 1", "deployer 2", "reporter 1", ...(lost === undefined ? [] : [lost])];
    expect(asked.toSorted()).toEqual(expected.toSorted());
    // By the tool's own count: what nobody knows is repeated with the same idempotency key.
    const keys = released.slice(before.released);
    expect({ calls: keys.length, different: new Set(keys).size }).toEqual({ calls: toolCalls, different: 1 });

    const calls = steps.flatMap((step) => step.agentCalls);
    expect(calls.flatMap((call) => call.toolCalls)).toEqual([{ status: "SUCCEEDED" }]);
    const answered = calls.filter((call) => call.status === "ANSWERED");
    expect(answered.map(({ tokensIn, tokensOut, costMicros }) => [tokensIn, tokensOut, costMicros])).toEqual(
      Array.from({ length: 4 }, () => [10, 5, 20]),
    );
    // A lost call is marked as such, and counts with the tokens of its request.
    const others = calls.filter((call) => call.status !== "ANSWERED");
    expect(others.map((call) => [call.status, call.tokensIn > 0, call.tokensOut, call.costMicros === call.tokensIn])).toEqual(
      lost === undefined ? [] : [["LOST", true, 0, true]],
    );
    const [estimate = 0] = others.map(({ tokensIn }) => tokensIn);
    expect(usage).toEqual({ tokensIn: 40 + estimate, tokensOut: 20, costMicros: 80 + estimate });
  },
);

test.each(
  drawn(
    [
      ["is asked for, and its result is not read", "app.askStepOperation>app.readStepResult:1"],
      ["is done, and its result is not passed on", "app.dropStepOperation:1"],
      ["is done, and its result is not recorded", "app.endAgentToolCall:1"],
      ["is done, and its result is recorded", "app.endAgentToolCall>app.agentConversationBytes:1"],
    ],
    { of: 6 },
  ),
)(
  "if the worker is killed when an operation of the API that a tool runs %s, the operation happens once",
  { timeout: 120_000 },
  async (_when, points) => {
    const count = async (): Promise<number> => {
      const [row] = await owner<
        { count: number }[]
      >`select count(*)::int as count from workflows.instances where definition_key = ${STARTED}`;
      return row?.count ?? 0;
    };
    const before = { started: await count(), asked: models.requestsOf(MODEL).length };
    const killed = at(points)();
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "starting" }) { instance { id } } }',
    );
    const { id } = startWorkflow.instance;
    await killed;
    expect((await seen(id)).status).toBe("RUNNING");
    await restart();
    await until(async () => (await seen(id)).status !== "RUNNING", { what: "the run has ended", deadlineMs: 60_000 });
    const { status, steps } = await seen(id);
    expect(status).toBe("SUCCEEDED");
    expect(steps[0]?.agentCalls.flatMap((call) => call.toolCalls)).toEqual([{ status: "SUCCEEDED" }]);
    expect({ started: (await count()) - before.started, asked: models.requestsOf(MODEL).length - before.asked }).toEqual({
      started: 1,
      asked: 2,
    });
  },
);

test("the statistics of all runs count what their calls have cost", async () => {
  const [sum] = await owner<
    { calls: number; cost: number }[]
  >`select count(*)::int as calls, sum(cost_micros)::int as cost from workflows.agent_calls`;
  const { agentStatistics } = await admin.run<{ agentStatistics: { calls: number; costMicros: number }[] }>(
    "query ($from: DateTime!, $to: DateTime!) { agentStatistics(from: $from, to: $to, groupBy: DEFINITION) { calls costMicros } }",
    { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() },
  );
  const total = agentStatistics.reduce((all, one) => ({ calls: all.calls + one.calls, costMicros: all.costMicros + one.costMicros }));
  expect(total).toEqual({ calls: sum?.calls, costMicros: sum?.cost });
  expect(sum?.calls).toBe(models.requestsOf(MODEL).length);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

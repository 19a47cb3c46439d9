import type { IncomingMessage, ServerResponse } from "node:http";
import { encodeId } from "@weft/shared/ids";
import {
  rememberSecret,
  startModelServer,
  startTestWeft,
  userWithKey,
  type ModelReply,
  type ModelServer,
  type RawReply,
  type SeenRequest,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let models: ModelServer;
let tools: HttpServer;
let toolUrl: string;
/** Requests that tools have sent, by path. */
const sent = new Map<string, { method: string; url: string; body: string; key: string | undefined; token: string | undefined }[]>();
let toolAnswer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  models = await startModelServer();
  tools = await serveHttp((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const url = request.url ?? "";
      const path = url.split(/[/?]/)[1] ?? "";
      const { authorization: token, "idempotency-key": key } = request.headers;
      sent.set(path, [...(sent.get(path) ?? []), { method: request.method ?? "", url, body, key: key as string | undefined, token }]);
      toolAnswer(request, response);
    });
  });
  toolUrl = tools.url;
  toolAnswer = (_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
});
// The end of the test server searches all tables and logs for the secrets that the tests have remembered.
afterAll(async () => {
  await weft.stop();
  await models.close();
  await tools.close();
});

const createProvider = `mutation ($input: CreateModelProviderInput!) { createModelProvider(input: $input) { modelProvider { id key kind baseUrl secret version prices { model inputMicros outputMicros } } } }`;
const create = `mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id key version tools { kind name approvalRoles } limits { turns costMicros } provider { key } } } }`;
const start = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state data runs { id status outputs usage { tokensIn tokensOut costMicros } steps { step status attempts outputs error { code message } agentCalls { agentKey agentVersion depth turn status text tokensIn tokensOut isEstimated costMicros error toolCalls { id tool arguments status result reason } } } } } }`;

interface ToolCall {
  readonly id: string;
  readonly tool: string;
  readonly arguments: unknown;
  readonly status: string;
  readonly result: unknown;
}
interface Call {
  readonly agentKey: string;
  readonly depth: number;
  readonly turn: number;
  readonly status: string;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly costMicros: number | null;
  readonly toolCalls: readonly ToolCall[];
}
interface Step {
  readonly step: string;
  readonly status: string;
  readonly attempts: number;
  readonly outputs: Record<string, unknown> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly agentCalls: readonly Call[];
}
interface Instance {
  readonly state: string;
  readonly data: Record<string, unknown>;
  readonly runs: readonly { readonly id: string; readonly status: string; readonly usage: object; readonly steps: readonly Step[] }[];
}

let count = 0;
/** A name of a model that no other test uses. */
const aModel = (): string => `model-${++count}`;

/** A tenant with a provider whose calls cost 1 for an input token, and 2 for an output token. */
async function aTenant(model: string, more: object = {}): Promise<{ tenant: TestTenant; admin: TestUser; providerId: string }> {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  const { createModelProvider } = await admin.run<{ createModelProvider: { modelProvider: { id: string } } }>(createProvider, {
    input: {
      key: "local",
      name: "Local",
      kind: "OPENAI_COMPATIBLE",
      baseUrl: models.openAiUrl,
      prices: [{ model, inputMicros: 1_000_000, outputMicros: 2_000_000 }],
      ...more,
    },
  });
  return { tenant, admin, providerId: createModelProvider.modelProvider.id };
}

const anAgent = (admin: TestUser, input: object): Promise<{ createAgent: { agent: { id: string } } }> =>
  admin.run(create, { input: { key: "helper", name: "Helper", instructions: "Help.", ...input } });

const automation = (steps: string, key = "asks"): string => `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\nsteps:\n${steps}\n`;
const asks = `  - { id: ask, type: agent, with: { agent: helper, prompt: "Do it" } }`;

async function started(who: TestUser, key = "asks", data: object = {}): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { key, data });
  return startWorkflow.instance.id;
}

const seen = async (who: TestUser, id: string): Promise<Instance> =>
  (await who.run<{ workflowInstance: Instance }>(read, { id })).workflowInstance;

async function ran(who: TestUser, key = "asks", data: object = {}): Promise<Instance> {
  const id = await started(who, key, data);
  await weft.weft.worker.idle();
  return seen(who, id);
}

/** Runs an automation whose only step lets an agent work. */
async function asked(
  model: string,
  reply: (request: SeenRequest) => ModelReply | RawReply | Promise<ModelReply | RawReply>,
  agent: object = {},
  provider: object = {},
): Promise<Step> {
  models.answer(model, reply);
  const { tenant, admin, providerId } = await aTenant(model, provider);
  await anAgent(admin, { model, providerId, ...agent });
  await tenant.definition(automation(asks));
  const instance = await ran(admin);
  const step = instance.runs[0]?.steps[0];
  if (!step) throw new Error("The run has no step.");
  return step;
}

const messagesOf = (request: SeenRequest | undefined): string => JSON.stringify(request?.body.messages ?? []);

describe("an agent", () => {
  test("answers with text, and its tokens and cost are counted", async () => {
    const step = await asked(aModel(), () => ({ text: "Done.", usage: { tokensIn: 100, tokensOut: 20 } }));
    expect(step).toMatchObject({
      status: "SUCCEEDED",
      outputs: { text: "Done.", tokens_in: 100, tokens_out: 20, cost_micros: 140 },
      agentCalls: [{ agentKey: "helper", turn: 1, status: "ANSWERED", text: "Done.", costMicros: 140, isEstimated: false }],
    });
  });

  test("calls a tool with arguments that match its schema, and reads the result", async () => {
    const model = aModel();
    const step = await asked(
      model,
      ({ body }) =>
        body.messages.length === 2
          ? { toolCalls: [{ name: "order", arguments: '{"id":"a/../b","note":"n"}' }] }
          : { text: "The order is fine." },
      {
        tools: [
          {
            kind: "HTTP",
            name: "order",
            description: "Changes an order.",
            method: "POST",
            url: `${toolUrl}/${model}/orders/{id}`,
            parameters: { properties: { id: { type: "string" }, note: { type: "string" } }, required: ["id"] },
          },
        ],
      },
    );
    expect(step).toMatchObject({
      status: "SUCCEEDED",
      outputs: { text: "The order is fine." },
      agentCalls: [{ toolCalls: [{ tool: "order", status: "SUCCEEDED", result: { status: 200, body: '{"ok":true}' } }] }, { turn: 2 }],
    });
    const id = step.agentCalls[0]?.toolCalls[0]?.id;
    expect(sent.get(model)).toMatchObject([{ method: "POST", url: `/${model}/orders/a%2F..%2Fb`, body: '{"note":"n"}', key: id }]);
    expect(messagesOf(models.requestsOf(model)[1])).toMatch(/ok[\\"]+:true/);
  });

  test("is told what is wrong with its answer until it matches the output schema", async () => {
    const model = aModel();
    const step = await asked(
      model,
      ({ body }) => (body.messages.length === 2 ? { text: '{"total":"many"}' } : { text: '```json\n{"total":3}\n```' }),
      { outputSchema: { properties: { total: { type: "integer" } }, required: ["total"] } },
    );
    expect(step).toMatchObject({ status: "SUCCEEDED", outputs: { value: { total: 3 } } });
    expect(messagesOf(models.requestsOf(model)[1])).toContain("answer.total");
  });

  test("of Anthropic streams its answer and its tools in their own wire format", async () => {
    const model = aModel();
    const { tenant, admin } = await aTenant(model);
    const key = "anthropic-key-0123456789";
    rememberSecret(weft.weft.url, key);
    await admin.run("mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }", {
      input: { name: "anthropic", value: key },
    });
    const { createModelProvider } = await admin.run<{ createModelProvider: { modelProvider: { id: string } } }>(createProvider, {
      input: { key: "claude", name: "Claude", kind: "ANTHROPIC", baseUrl: models.anthropicUrl, secret: "anthropic" },
    });
    models.answer(model, ({ body }) =>
      body.messages.length === 1
        ? { text: "I look.", toolCalls: [{ name: "look", arguments: '{"q":"x"}' }] }
        : { text: `Found. The key is ${key}.`, usage: { tokensIn: 7, tokensOut: 3 } },
    );
    await anAgent(admin, {
      model,
      providerId: createModelProvider.modelProvider.id,
      tools: [
        {
          kind: "HTTP",
          name: "look",
          description: "Looks.",
          url: `${toolUrl}/${model}`,
          parameters: { properties: { q: { type: "string" } } },
          secret: "anthropic",
        },
      ],
    });
    await tenant.definition(automation(asks));
    const instance = await ran(admin);
    expect(instance.runs[0]?.steps[0]).toMatchObject({
      status: "SUCCEEDED",
      outputs: { text: "Found. The key is [secret anthropic]." },
      agentCalls: [
        { tokensIn: 10, tokensOut: 5, costMicros: null },
        { tokensIn: 7, tokensOut: 3 },
      ],
    });
    expect(models.requestsOf(model)[0]).toMatchObject({ headers: { "x-api-key": key }, body: { stream: true } });
    expect(sent.get(model)).toMatchObject([{ url: `/${model}?q=x`, token: `Bearer ${key}` }]);
  });

  test(
    "shows what the model writes in the log of the run while it writes, without the key that pieces of the answer cut",
    { tags: "slow" },
    async () => {
      const model = aModel();
      const key = "sk-streamed-0123456789";
      rememberSecret(weft.weft.url, key);
      const { tenant, admin } = await aTenant(model);
      await admin.run("mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }", {
        input: { name: "streamed", value: key },
      });
      const { createModelProvider } = await admin.run<{ createModelProvider: { modelProvider: { id: string } } }>(createProvider, {
        input: { key: "streams", name: "Streams", kind: "OPENAI_COMPATIBLE", baseUrl: models.openAiUrl, secret: "streamed" },
      });
      const chunk = (content: string, more: object = {}): string =>
        `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model, choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }] })}\n\n`;
      const rest = Promise.withResolvers<string>();
      models.answer(model, () => ({
        headers: { "content-type": "text/event-stream" },
        body: chunk(`The first line.\nThe key is ${key.slice(0, 9)}`),
        rest: rest.promise,
      }));
      await anAgent(admin, { model, providerId: createModelProvider.modelProvider.id });
      await tenant.definition(automation(asks));
      const id = await started(admin);
      const lines = async (): Promise<string[]> => {
        const { workflowInstance } = await admin.run<{
          workflowInstance: { runs: { logs: { edges: { node: { stream: string; text: string } }[] } }[] };
        }>("query ($id: ID!) { workflowInstance(id: $id) { runs { logs(first: 50) { edges { node { stream text } } } } } }", { id });
        return workflowInstance.runs[0]?.logs.edges.flatMap(({ node }) => (node.stream === "STDOUT" ? [node.text] : [])) ?? [];
      };
      await expect.poll(lines, { timeout: 20_000 }).toEqual(["The first line."]);
      expect((await seen(admin, id)).runs[0]?.steps[0]).toMatchObject({ status: "RUNNING" });
      rest.resolve(`${chunk(`${key.slice(9)}!\nThe last line.`)}${chunk("", { finish_reason: "stop" })}data: [DONE]\n\n`);
      await weft.weft.worker.idle();
      expect(await lines()).toEqual(["The first line.", "The key is [secret streamed]!", "The last line."]);
      expect((await seen(admin, id)).runs[0]?.steps[0]).toMatchObject({
        outputs: { text: "The first line.\nThe key is [secret streamed]!\nThe last line." },
      });
    },
  );

  test("has the price of its provider, or else a list price with its date, or none that is known", async () => {
    const model = aModel();
    const { admin, providerId } = await aTenant(model);
    for (const [key, used] of [
      ["own", model],
      ["listed", "gpt-4o-2024-11-20"],
      ["unknown", "gpt-4ox"],
    ] as const)
      await anAgent(admin, { key, name: key, model: used, providerId });
    const { agents } = await admin.run<{ agents: object[] }>("{ agents { key price { inputMicros outputMicros listedAt } } }");
    expect(agents).toEqual([
      { key: "listed", price: { inputMicros: 2_500_000, outputMicros: 10_000_000, listedAt: "2025-10-01T00:00:00.000Z" } },
      { key: "own", price: { inputMicros: 1_000_000, outputMicros: 2_000_000, listedAt: null } },
      { key: "unknown", price: null },
    ]);
  });

  test("that has changed does not change steps that have begun", async () => {
    const model = aModel();
    const { tenant, admin, providerId } = await aTenant(model);
    const { createAgent } = await anAgent(admin, { model, providerId, instructions: "The first instructions." });
    models.answer(model, async ({ body }) => {
      if (body.messages.length > 2) return { text: "Done." };
      await admin.run("mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { version } } }", {
        input: { id: createAgent.agent.id, instructions: "The second instructions." },
      });
      return { toolCalls: [{ name: "nothing", arguments: "{}" }] };
    });
    await tenant.definition(automation(asks));
    await ran(admin);
    expect(messagesOf(models.requestsOf(model)[1])).toContain("The first instructions.");
  });

  test("that is inactive does nothing", async () => {
    const model = aModel();
    const { tenant, admin, providerId } = await aTenant(model);
    const { createAgent } = await anAgent(admin, { model, providerId });
    await admin.run("mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { version } } }", {
      input: { id: createAgent.agent.id, status: "INACTIVE" },
    });
    await tenant.definition(automation(asks));
    const instance = await ran(admin);
    expect(instance.runs[0]?.steps[0]).toMatchObject({ status: "FAILED", error: { code: "AGENT_NOT_FOUND" }, agentCalls: [] });
  });
});

describe("a hostile or broken provider", () => {
  const cases: readonly (readonly [string, () => ModelReply | RawReply, object])[] = [
    [
      "that answers 400 fails the step",
      () => ({ status: 400, body: '{"error":{"message":"No such model."}}' }),
      { error: { code: "MODEL_STATUS" }, agentCalls: [{ status: "FAILED", tokensIn: 0 }] },
    ],
    [
      "that sends an endless stream is cut off",
      () => ({ repeated: { chunk: `: ${"x".repeat(65_536)}\n\n`, maxBytes: 52_428_800 } }),
      { error: { code: "RESPONSE_TOO_LARGE" } },
    ],
    [
      "that sends an endless line is cut off",
      () => ({ repeated: { chunk: "x".repeat(65_536), maxBytes: 52_428_800 } }),
      { error: { code: "RESPONSE_TOO_LARGE" } },
    ],
    [
      "that redirects is not followed",
      () => ({ status: 307, headers: { location: "http://10.0.0.1/" } }),
      { error: { code: "MODEL_STATUS" } },
    ],
    [
      "that claims a negative number of tokens gets no credit",
      () => ({ text: "Hi.", usage: { tokensIn: -1000, tokensOut: 5 } }),
      { status: "SUCCEEDED" },
    ],
  ];
  for (const [name, reply, expected] of cases)
    test(name, async () => {
      const step = await asked(aModel(), reply);
      expect(step).toMatchObject(expected);
      expect(step.agentCalls.every(({ tokensIn }) => (tokensIn ?? 0) >= 0)).toBe(true);
    });

  test("is asked again, after the time that it asks for, if it is overloaded or its answer is incomplete", async () => {
    const replies: (ModelReply | RawReply)[] = [
      { status: 429, headers: { "retry-after": "0" }, body: '{"error":{"message":"Slow down."}}' },
      { status: 529, headers: { "retry-after": "0" }, body: '{"error":{"message":"Overloaded."}}' },
      { text: "Done." },
    ];
    const step = await asked(aModel(), () => replies.shift() ?? { status: 500 });
    expect(step).toMatchObject({
      status: "SUCCEEDED",
      attempts: 3,
      agentCalls: [{ status: "FAILED", turn: 1, tokensIn: 0 }, { status: "FAILED" }, { status: "ANSWERED", turn: 1 }],
    });
  });

  test("whose answer ends early, or is not JSON, is counted by an estimate, and not used", async () => {
    const model = aModel();
    models.answer(model, () => ({ text: "Half of an answ", isTruncated: true }));
    const { tenant, admin, providerId } = await aTenant(model);
    await anAgent(admin, { model, providerId });
    await tenant.definition(automation(asks));
    const instance = await ran(admin);
    const step = instance.runs[0]?.steps[0];
    expect(step?.agentCalls[0]).toMatchObject({ status: "FAILED", isEstimated: true, text: null });
    expect(step?.agentCalls[0]?.costMicros).toBeGreaterThan(0);
  });

  test("whose connection breaks in the middle of an answer is paid for what it was sent", async () => {
    const model = aModel();
    models.answer(model, () => ({ headers: { "content-type": "text/event-stream" }, body: "data: {", isBroken: true }));
    const { tenant, admin, providerId } = await aTenant(model);
    await anAgent(admin, { model, providerId });
    await tenant.definition(automation(asks));
    const step = (await ran(admin)).runs[0]?.steps[0];
    expect(step?.agentCalls[0]).toMatchObject({ status: "FAILED", isEstimated: true });
    expect(step?.agentCalls[0]?.costMicros).toBeGreaterThan(0);
  });

  test("that calls unknown tools, or with arguments that do not match, gets the error as a result, and nothing is sent", async () => {
    const model = aModel();
    const deep = `{"id":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`;
    const step = await asked(
      model,
      ({ body }) =>
        body.messages.length === 2
          ? {
              toolCalls: [
                { name: "rm", arguments: "{}" },
                { name: "order", arguments: '{"id":7}' },
                { name: "order", arguments: "{ not json" },
                { name: "order", arguments: deep },
                { name: "order", arguments: '{"id":"..", "url":"http://10.0.0.1"}' },
              ].map((one, index) => ({ ...one, id: `c${index}` })),
            }
          : { text: "I give up." },
      {
        tools: [
          {
            kind: "HTTP",
            name: "order",
            description: "Reads.",
            url: `${toolUrl}/${model}/{id}`,
            parameters: { properties: { id: { type: "string" } }, required: ["id"] },
          },
        ],
      },
    );
    expect(step.agentCalls[0]?.toolCalls.map(({ status }) => status)).toEqual(["FAILED", "FAILED", "FAILED", "FAILED", "FAILED"]);
    expect(step).toMatchObject({ status: "SUCCEEDED", outputs: { text: "I give up." } });
    expect(sent.get(model)).toBeUndefined();
  });
});

const look = (model: string): object => ({
  kind: "HTTP",
  name: "look",
  description: "Looks.",
  method: "POST",
  url: `${toolUrl}/${model}`,
  parameters: { properties: {} },
});

describe("a tool", () => {
  test("that a worker was doing when it lost the step is repeated with the same idempotency key", { tags: "slow" }, async () => {
    const model = aModel();
    const answer = toolAnswer;
    let begun: () => void = () => undefined;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    toolAnswer = (request, response) => {
      if (sent.get(model)?.length === 1) return begun();
      answer(request, response);
    };
    const { tenant, admin, providerId } = await aTenant(model);
    await anAgent(admin, { model, providerId, tools: [look(model)] });
    await tenant.definition(automation(asks));
    models.answer(model, ({ body }) =>
      body.messages.length === 2 ? { toolCalls: [{ name: "look", arguments: "{}" }] } : { text: "Done." },
    );
    const id = await started(admin);
    await isBegun;
    const owner = postgres(weft.database.ownerUrl, { max: 1 });
    await owner`update workflows.run_steps set due_at = now(), lease_token = gen_random_uuid() where tenant_id = ${tenant.id} and status = 'RUNNING'`;
    await owner.end();
    await expect.poll(async () => (await seen(admin, id)).runs[0]?.status, { timeout: 10_000 }).toBe("SUCCEEDED");
    await weft.weft.worker.idle();
    toolAnswer = answer;
    const step = (await seen(admin, id)).runs[0]?.steps[0];
    expect(step?.agentCalls[0]?.toolCalls).toMatchObject([{ status: "SUCCEEDED" }]);
    expect(sent.get(model)?.map(({ key }) => key)).toEqual(Array(2).fill(step?.agentCalls[0]?.toolCalls[0]?.id));
  });

  test("cannot send a secret that the security profile does not allow", async () => {
    const model = aModel();
    const { tenant, admin, providerId } = await aTenant(model);
    const value = "deploy-token-0123456789";
    rememberSecret(weft.weft.url, value);
    await admin.run("mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }", {
      input: { name: "deploy", value },
    });
    await anAgent(admin, { model, providerId, tools: [{ ...look(model), secret: "deploy" }] });
    models.answer(model, () => ({ toolCalls: [{ name: "look", arguments: "{}" }] }));
    await tenant.definition(`${automation(asks)}profile: { secrets: [] }\n`);
    expect((await ran(admin)).runs[0]?.steps[0]).toMatchObject({ status: "FAILED", error: { code: "PROFILE_VIOLATION" } });
    expect(sent.get(model)).toBeUndefined();
    const { events } = await admin.run<{ events: { edges: { node: { payload: object } }[] } }>(
      '{ events(filter: { type: { eq: "definition.profile_violated" } }, first: 10) { edges { node { payload } } } }',
    );
    expect(events.edges.map(({ node }) => node.payload)).toMatchObject([{ rule: "secrets", step: "ask", profile: "definition+standard" }]);
  });

  test("cannot make a conversation longer than what is loaded", async () => {
    const model = aModel();
    const answer = toolAnswer;
    toolAnswer = (_request, response) => void response.end("x".repeat(64 * 1024));
    const step = await asked(
      model,
      ({ body }) => ({
        toolCalls: Array.from({ length: 32 }, (_, at) => ({ id: `c${body.messages.length}-${at}`, name: "look", arguments: "{}" })),
      }),
      { tools: [look(model)] },
    );
    toolAnswer = answer;
    expect(step).toMatchObject({ status: "FAILED", error: { code: "CONVERSATION_TOO_LARGE" }, agentCalls: [{}, {}] });
    expect(String(step.agentCalls[0]?.toolCalls[0]?.result).length).toBeLessThan(2000);
  });
});

test("the usage of a run counts each call once, whichever attempt made it", { tags: "slow" }, async () => {
  const model = aModel();
  let isFirst = true;
  const { tenant, admin, providerId } = await aTenant(model);
  await anAgent(admin, { model, providerId, tools: [look(model)] });
  await tenant.definition(
    automation(
      '  - { id: ask, type: agent, retry: { attempts: 2, delay: 1s, on: [MODEL_STATUS] }, with: { agent: helper, prompt: "Do it" } }',
    ),
  );
  models.answer(model, ({ body }) => {
    if (body.messages.length === 2) return { toolCalls: [{ name: "look", arguments: "{}" }] };
    if (!isFirst) return { text: "Done." };
    isFirst = false;
    return { status: 400, body: '{"error":{"message":"Not now."}}' };
  });
  const id = await started(admin);
  await expect.poll(async () => (await seen(admin, id)).runs[0]?.status, { timeout: 10_000 }).toBe("SUCCEEDED");
  const [run] = (await seen(admin, id)).runs;
  expect(run).toMatchObject({ status: "SUCCEEDED", usage: { tokensIn: 20, tokensOut: 10, costMicros: 40 } });
  expect(run?.steps[0]).toMatchObject({ attempts: 2, outputs: { tokens_in: 20, tokens_out: 10, cost_micros: 40 } });
});

test("a step whose time is over fails with TIMEOUT, and what it had asked is counted", { tags: "slow" }, async () => {
  const model = aModel();
  models.answer(model, () => new Promise(() => undefined));
  const { tenant, admin, providerId } = await aTenant(model);
  await anAgent(admin, { model, providerId });
  await tenant.definition(automation('  - { id: ask, type: agent, timeout: 1s, with: { agent: helper, prompt: "Do it" } }'));
  const step = (await ran(admin)).runs[0]?.steps[0];
  expect(step).toMatchObject({ status: "FAILED", error: { code: "TIMEOUT" }, agentCalls: [{ status: "FAILED", isEstimated: true }] });
  expect(step?.agentCalls[0]?.costMicros).toBeGreaterThan(0);
});

describe("a limit", () => {
  const forever = ({ body }: SeenRequest): ModelReply => ({
    toolCalls: [{ id: `c${body.messages.length}`, name: "nothing", arguments: "{}" }],
  });

  test("of turns ends the work", async () => {
    const model = aModel();
    const step = await asked(model, forever, { limits: { turns: 3 } });
    expect(step).toMatchObject({ status: "FAILED", error: { code: "LIMIT_EXCEEDED" } });
    expect(models.requestsOf(model)).toHaveLength(3);
  });

  test("of cost ends the work, and refuses models without a price", async () => {
    expect(await asked(aModel(), forever, { limits: { costMicros: 35 } })).toMatchObject({
      error: { code: "LIMIT_EXCEEDED" },
      agentCalls: [{}, {}],
    });
    expect(await asked(aModel(), forever, { limits: { costMicros: 35 } }, { prices: [] })).toMatchObject({
      error: { code: "PRICE_UNKNOWN" },
      agentCalls: [],
    });
  });

  test("of tokens ends the work", async () => {
    expect(await asked(aModel(), forever, { limits: { tokens: 30 } })).toMatchObject({
      error: { code: "LIMIT_EXCEEDED" },
      agentCalls: [{}, {}],
    });
  });
});

describe("the limits of a plan", () => {
  async function limited(limits: object): Promise<{ tenant: TestTenant; admin: TestUser; model: string; providerId: string }> {
    const model = aModel();
    models.answer(model, () => ({ text: "Done." }));
    const made = await aTenant(model);
    const { operator } = await weft.platform();
    await operator.run(
      "mutation ($input: UpdateContractConfigurationInput!) { updateContractConfiguration(input: $input) { configuration { version } } }",
      { input: { tenantId: encodeId("tenant", made.tenant.id), patch: { limits }, message: "A test" } },
    );
    return { ...made, model };
  }

  test("end what agents cost in a month", async () => {
    const { tenant, admin, model, providerId } = await limited({ agentCostPerMonth: 30 });
    await anAgent(admin, { model, providerId });
    await tenant.definition(automation(asks));
    expect((await ran(admin)).runs[0]?.status).toBe("SUCCEEDED");
    expect((await ran(admin)).runs[0]?.status).toBe("SUCCEEDED");
    const third = await ran(admin);
    expect(third.runs[0]?.steps[0]).toMatchObject({ status: "FAILED", error: { code: "LIMIT_EXCEEDED" }, agentCalls: [] });
  });

  test("let steps wait for calls that can use up the month", { tags: "slow" }, async () => {
    const { tenant, admin, model, providerId } = await limited({ agentCostPerMonth: 30 });
    let running = 0;
    let most = 0;
    models.answer(model, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 200));
      running--;
      return { text: "Done." };
    });
    await anAgent(admin, { model, providerId });
    const step = (id: string): string => `  - { id: ${id}, type: agent, depends_on: [], with: { agent: helper, prompt: P } }`;
    await tenant.definition(automation(["a", "b", "c"].map(step).join("\n")));
    const id = await started(admin);
    await expect.poll(async () => (await seen(admin, id)).runs[0]?.status, { timeout: 20_000 }).toBe("FAILED");
    expect(most).toBe(1);
    expect(models.requestsOf(model)).toHaveLength(2);
  });

  test("bound the number of agents of a run", async () => {
    const { tenant, admin, model, providerId } = await limited({ agentsPerWorkflow: 1 });
    for (const key of ["one", "two"]) await anAgent(admin, { key, model, providerId });
    const steps = ["one", "one", "two"].map((agent, index) => `  - { id: s${index}, type: agent, with: { agent: ${agent}, prompt: P } }`);
    await tenant.definition(automation(steps.join("\n")));
    const instance = await ran(admin);
    expect(instance.runs[0]?.steps.map(({ status, error }) => error?.code ?? status)).toEqual(["SUCCEEDED", "SUCCEEDED", "LIMIT_EXCEEDED"]);
  });
});

test("agents reach only the hosts that the security profile of the run allows", async () => {
  const model = aModel();
  const { tenant, admin, providerId } = await aTenant(model);
  await anAgent(admin, { model, providerId });
  await tenant.definition(`${automation(asks)}profile: { domains: [models.example.com] }\n`);
  const instance = await ran(admin);
  expect(instance.runs[0]?.steps[0]).toMatchObject({ status: "FAILED", error: { code: "DESTINATION_FORBIDDEN" } });
  expect(models.requestsOf(model)).toEqual([]);
});

describe("definitions of agents and providers", () => {
  test("are refused with the path of each problem", async () => {
    const { admin, providerId } = await aTenant(aModel());
    const { errors } = await admin.send(create, {
      input: {
        key: "Helper",
        name: "Helper",
        providerId,
        model: "m",
        instructions: "Help.",
        outputSchema: { properties: { a: { type: "nothing" } } },
        tools: [
          { kind: "HTTP", name: "a b", description: "A", url: "https://{host}.example.com", parameters: {}, approvalRoles: ["nobody"] },
          { kind: "AGENT", name: "b", description: "B", url: "https://a.example.com", agent: "x" },
        ],
        limits: { turns: 0 },
      },
    });
    const problems = ((errors?.[0]?.extensions ?? { problems: [] }) as { problems: { path: string }[] }).problems.map(({ path }) => path);
    expect(new Set(problems)).toEqual(
      new Set([
        "input.key",
        "input.outputSchema.properties.a.type",
        "input.tools.0.name",
        "input.tools.0.url",
        "input.tools.0.approvalRoles",
        "input.tools.1.url",
        "input.limits.turns",
      ]),
    );
  });

  test("cannot have destinations in private networks", async () => {
    const { admin, providerId } = await aTenant(aModel());
    const provider = { key: "inside", name: "Inside", kind: "OPENAI_COMPATIBLE", baseUrl: "http://10.0.0.1/v1" };
    expect(await admin.refusal(createProvider, { input: provider })).toBe("URL_FORBIDDEN");
    const tool = {
      kind: "HTTP",
      name: "a",
      description: "A",
      url: "http://169.254.169.254/{x}",
      parameters: { properties: { x: { type: "string" } } },
    };
    const agent = { key: "a", name: "A", providerId, model: "m", instructions: "I", tools: [tool] };
    expect(await admin.refusal(create, { input: agent })).toBe("URL_FORBIDDEN");
  });

  test("of providers that agents use cannot be deleted", async () => {
    const { admin, providerId } = await aTenant(aModel());
    const remove = "mutation ($id: ID!) { deleteModelProvider(input: { id: $id }) { id } }";
    const { createAgent } = await anAgent(admin, { model: "m", providerId });
    expect(await admin.refusal(remove, { id: providerId })).toBe("CONFLICT");
    await admin.run("mutation ($id: ID!) { deleteAgent(input: { id: $id }) { id } }", { id: createAgent.agent.id });
    expect(await admin.run(remove, { id: providerId })).toEqual({ deleteModelProvider: { id: providerId } });
  });
});

describe("a step waits for an incident to be resolved", () => {
  const createSecret = "mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }";
  const parked = `query ($id: ID!) { workflowInstance(id: $id) { incident { id message } runs { status steps { status attempts error { code } } } } }`;
  const resolve = "mutation ($id: ID!) { resolveIncident(input: { id: $id, action: RETRY }) { instance { id } } }";
  interface Parked {
    readonly incident: { readonly id: string; readonly message: string } | null;
    readonly runs: readonly { readonly steps: readonly object[] }[];
  }

  /** Runs an automation whose step cannot go on, and lets it go on after the cause was removed. */
  async function resolved(admin: TestUser, code: string, remove: (id: string) => Promise<unknown>): Promise<string> {
    const id = await started(admin);
    await weft.weft.worker.idle();
    const { workflowInstance } = await admin.run<{ workflowInstance: Parked }>(parked, { id });
    expect(workflowInstance.runs).toMatchObject([{ status: "RUNNING", steps: [{ status: "WAITING", error: { code } }] }]);
    const { incident } = workflowInstance;
    await remove(id);
    const now = await admin.run<{ workflowInstance: Parked }>(parked, { id });
    await admin.run(resolve, { id: now.workflowInstance.incident?.id });
    await weft.weft.worker.idle();
    expect((await seen(admin, id)).runs[0]).toMatchObject({ status: "SUCCEEDED" });
    return incident?.message ?? "";
  }

  test("if the key of the provider is missing, or is refused, and goes on when it is set", { tags: "slow" }, async () => {
    const model = aModel();
    const { tenant, admin } = await aTenant(model);
    const { createModelProvider } = await admin.run<{ createModelProvider: { modelProvider: { id: string } } }>(createProvider, {
      input: { key: "keyed", name: "Keyed", kind: "OPENAI_COMPATIBLE", baseUrl: models.openAiUrl, secret: "model_key" },
    });
    await anAgent(admin, { model, providerId: createModelProvider.modelProvider.id });
    await tenant.definition(automation(asks));
    const [first, second] = ["first-key-of-a-model", "second-key-of-a-model"];
    for (const key of [first, second]) rememberSecret(weft.weft.url, key);
    models.answer(model, ({ headers }) =>
      headers["authorization"] === `Bearer ${second}`
        ? { text: "Done." }
        : { status: 401, body: JSON.stringify({ error: { message: `Wrong: ${headers["authorization"]}` } }) },
    );
    const missing = await resolved(admin, "MODEL_KEY_MISSING", async () => {
      await admin.run(createSecret, { input: { name: "model_key", value: second } });
    });
    expect(missing).toContain('There is no secret "model_key"');
    await admin.run(createSecret, { input: { name: "other_key", value: first } });
    const update = "mutation ($input: UpdateModelProviderInput!) { updateModelProvider(input: $input) { modelProvider { id } } }";
    const use = (secret: string): Promise<unknown> => admin.run(update, { input: { id: createModelProvider.modelProvider.id, secret } });
    await use("other_key");
    const refused = await resolved(admin, "MODEL_KEY_REFUSED", () => use("model_key"));
    expect(refused).toContain('The model provider "keyed" refuses the key in the secret "other_key" (401)');
  });

  test(
    "if the provider was deleted, and goes on with the one that was created in its place, but not with another URL",
    { tags: "slow" },
    async () => {
      const model = aModel();
      const { tenant, admin, providerId } = await aTenant(model);
      const { createAgent } = await anAgent(admin, { model, providerId, tools: [look(model)] });
      await tenant.definition(automation(asks));
      let isFirst = true;
      models.answer(model, async () => {
        if (!isFirst) return { text: "Done." };
        isFirst = false;
        await admin.run("mutation ($id: ID!) { deleteAgent(input: { id: $id }) { id } }", { id: createAgent.agent.id });
        await admin.run("mutation ($id: ID!) { deleteModelProvider(input: { id: $id }) { id } }", { id: providerId });
        return { toolCalls: [{ name: "look", arguments: "{}" }] };
      });
      const again = { key: "local", name: "New", kind: "OPENAI_COMPATIBLE" };
      const message = await resolved(admin, "MODEL_PROVIDER_REMOVED", async (id) => {
        const { createModelProvider } = await admin.run<{ createModelProvider: { modelProvider: { id: string } } }>(createProvider, {
          input: { ...again, baseUrl: `${toolUrl}/${model}-elsewhere` },
        });
        const { workflowInstance } = await admin.run<{ workflowInstance: Parked }>(parked, { id });
        await admin.run(resolve, { id: workflowInstance.incident?.id });
        await weft.weft.worker.idle();
        expect(sent.get(`${model}-elsewhere`)).toBeUndefined();
        await admin.run("mutation ($id: ID!) { deleteModelProvider(input: { id: $id }) { id } }", {
          id: createModelProvider.modelProvider.id,
        });
        await admin.run(createProvider, { input: { ...again, baseUrl: models.openAiUrl } });
      });
      expect(message).toContain('The model provider "local"');
      expect(models.requestsOf(model)).toHaveLength(2);
    },
  );
});

describe("a graph of three agents with a tool that needs approval", () => {
  const graph = automation(
    `  - { id: research, type: agent, depends_on: [], with: { agent: researcher, prompt: "Find it" } }
  - { id: deploy, type: agent, with: { agent: deployer, prompt: "Deploy", context: { found: "{{ steps.research.outputs.text }}" } } }
  - { id: report, type: agent, with: { agent: reporter, prompt: "Report on {{ steps.deploy.outputs.text }}" } }`,
    "graph",
  );

  async function aGraph(model: string): Promise<{ tenant: TestTenant; admin: TestUser; id: string }> {
    const { tenant, admin, providerId } = await aTenant(model);
    for (const key of ["researcher", "deployer", "reporter"])
      await anAgent(admin, {
        key,
        model,
        providerId,
        instructions: `I am the ${key}.`,
        ...(key === "deployer" && {
          tools: [
            {
              kind: "HTTP",
              name: "release",
              description: "Releases.",
              method: "POST",
              url: `${toolUrl}/${model}/release`,
              parameters: { properties: { tag: { type: "string" } } },
              approvalRoles: ["operations"],
            },
          ],
        }),
      });
    await tenant.definition(graph);
    models.answer(model, ({ body }) => {
      const system = messagesOf({ path: "", headers: {}, body });
      if (system.includes("I am the researcher.")) return { text: "version 7" };
      if (system.includes("I am the reporter.")) return { text: "All done." };
      const last = body.messages.at(-1);
      return last?.role === "tool"
        ? { text: `released: ${String(last.content)}` }
        : { toolCalls: [{ name: "release", arguments: '{"tag":"7"}' }] };
    });
    const id = await started(admin, "graph");
    await weft.weft.worker.idle();
    return { tenant, admin, id };
  }

  const awaited = "{ awaitedAgentToolCalls { id tool arguments approvalRoles } }";
  const decide = "mutation ($input: DecideAgentToolCallInput!) { decideAgentToolCall(input: $input) { toolCall { status reason } } }";
  interface Awaited {
    readonly awaitedAgentToolCalls: readonly { readonly id: string; readonly tool: string }[];
  }

  test("waits without a worker, shows the call to the role only, and goes on when it is approved", async () => {
    const model = aModel();
    const { tenant, admin, id } = await aGraph(model);
    expect((await seen(admin, id)).runs[0]?.steps).toMatchObject([{ status: "SUCCEEDED" }, { status: "WAITING" }, { status: "PENDING" }]);
    expect(sent.get(model)).toBeUndefined();
    const approver = await tenant.user("operations");
    const other = await tenant.user("viewer");
    const stranger = await (await weft.tenant()).user("operations");
    expect(await other.run<Awaited>(awaited)).toEqual({ awaitedAgentToolCalls: [] });
    expect(await stranger.run<Awaited>(awaited)).toEqual({ awaitedAgentToolCalls: [] });
    const { awaitedAgentToolCalls } = await approver.run<Awaited>(awaited);
    expect(awaitedAgentToolCalls).toMatchObject([{ tool: "release", arguments: { tag: "7" }, approvalRoles: ["operations"] }]);
    const call = awaitedAgentToolCalls[0]?.id;
    for (const who of [other, stranger]) expect(await who.refusal(decide, { input: { id: call, isApproved: true } })).toBe("NOT_FOUND");
    // Of two decisions at once, one counts.
    const both = await Promise.allSettled([true, true].map((isApproved) => approver.run(decide, { input: { id: call, isApproved } })));
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await weft.weft.worker.idle();
    const done = await seen(admin, id);
    expect(done.runs[0]).toMatchObject({ status: "SUCCEEDED", usage: { tokensIn: 40, tokensOut: 20, costMicros: 80 } });
    expect(sent.get(model)).toMatchObject([{ body: '{"tag":"7"}' }]);
    expect(models.requestsOf(model)).toHaveLength(4);
    const { agentStatistics } = await admin.run<{ agentStatistics: object[] }>(
      "query ($from: DateTime!, $to: DateTime!) { agentStatistics(from: $from, to: $to, groupBy: AGENT) { group calls tokensIn tokensOut costMicros unpricedCalls } }",
      { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() },
    );
    expect(agentStatistics).toEqual([
      { group: "deployer", calls: 2, tokensIn: 20, tokensOut: 10, costMicros: 40, unpricedCalls: 0 },
      { group: "reporter", calls: 1, tokensIn: 10, tokensOut: 5, costMicros: 20, unpricedCalls: 0 },
      { group: "researcher", calls: 1, tokensIn: 10, tokensOut: 5, costMicros: 20, unpricedCalls: 0 },
    ]);
  });

  test("tells the model why a call was refused", async () => {
    const model = aModel();
    const { tenant, admin, id } = await aGraph(model);
    const approver = await tenant.user("operations");
    const { awaitedAgentToolCalls } = await approver.run<Awaited>(awaited);
    await approver.run(decide, { input: { id: awaitedAgentToolCalls[0]?.id, isApproved: false, reason: "Not on a Friday" } });
    await weft.weft.worker.idle();
    const done = await seen(admin, id);
    expect(done.runs[0]?.steps[1]).toMatchObject({ status: "SUCCEEDED", outputs: { text: "released: refused: Not on a Friday" } });
    expect(sent.get(model)).toBeUndefined();
  });

  test(
    "continues after the last answer if a worker is lost, and does not use what the lost one is answered late",
    { tags: "slow" },
    async () => {
      const model = aModel();
      const { tenant, admin, providerId } = await aTenant(model);
      await anAgent(admin, {
        model,
        providerId,
        tools: [
          { kind: "HTTP", name: "look", description: "Looks.", method: "POST", url: `${toolUrl}/${model}`, parameters: { properties: {} } },
        ],
      });
      await tenant.definition(automation(asks));
      let isFirst = true;
      let begun: () => void = () => undefined;
      let release: () => void = () => undefined;
      const isBegun = new Promise<void>((resolve) => (begun = resolve));
      const isReleased = new Promise<void>((resolve) => (release = resolve));
      models.answer(model, async ({ body }) => {
        if (body.messages.length === 2) return { toolCalls: [{ name: "look", arguments: "{}" }] };
        if (!isFirst) return { text: "Second.", usage: { tokensIn: 100, tokensOut: 10 } };
        isFirst = false;
        begun();
        await isReleased;
        return { text: "Late.", usage: { tokensIn: 100, tokensOut: 20 } };
      });
      const id = await started(admin);
      await isBegun;
      // The lease of a worker that was killed, or has stalled, is over.
      const owner = postgres(weft.database.ownerUrl, { max: 1 });
      const taken =
        await owner`update workflows.run_steps set due_at = now(), lease_token = gen_random_uuid() where tenant_id = ${tenant.id} and status = 'RUNNING' returning step`;
      await owner.end();
      expect(taken).toMatchObject([{ step: "ask" }]);
      await expect.poll(() => models.requestsOf(model).length, { timeout: 10_000, interval: 10 }).toBe(3);
      release();
      await expect.poll(async () => (await seen(admin, id)).runs[0]?.status, { timeout: 10_000 }).toBe("SUCCEEDED");
      await weft.weft.worker.idle();
      const { runs } = await seen(admin, id);
      expect(runs[0]?.steps[0]).toMatchObject({ status: "SUCCEEDED", attempts: 2, outputs: { text: "Second." } });
      expect(runs[0]?.steps[0]?.agentCalls.map(({ turn, status, tokensOut }) => [turn, status, tokensOut])).toEqual([
        [1, "ANSWERED", 5],
        [2, "LOST", expect.any(Number)],
        [2, "ANSWERED", 10],
      ]);
      // The tool was answered before, so nobody has called it again.
      expect(sent.get(model)).toHaveLength(1);
      expect(models.requestsOf(model)).toHaveLength(3);
    },
  );
});

describe("an agent that asks another agent", () => {
  test("reads its answer, and each is metered by itself", async () => {
    const model = aModel();
    const { tenant, admin, providerId } = await aTenant(model);
    const tool = { kind: "AGENT", name: "ask_expert", description: "Asks the expert.", agent: "expert" };
    await anAgent(admin, { model, providerId, tools: [tool] });
    await anAgent(admin, {
      key: "expert",
      model,
      providerId,
      instructions: "I am the expert.",
      tools: [{ kind: "AGENT", name: "ask_helper", description: "Asks back.", agent: "helper" }],
    });
    models.answer(model, ({ body }) => {
      const isExpert = JSON.stringify(body.messages[0]).includes("I am the expert.");
      if (body.messages.length > 2) return { text: `${isExpert ? "expert" : "helper"}: ${String(body.messages.at(-1)?.content)}` };
      return { toolCalls: [{ name: isExpert ? "ask_helper" : "ask_expert", arguments: '{"prompt":"Why?"}' }] };
    });
    await tenant.definition(automation(asks));
    const instance = await ran(admin);
    const step = instance.runs[0]?.steps[0];
    expect(step?.outputs?.["text"]).toMatch(/^helper: expert: .*An agent cannot ask itself/);
    expect(step?.agentCalls.map(({ agentKey, depth }) => [agentKey, depth])).toEqual([
      ["helper", 0],
      ["expert", 1],
      ["expert", 1],
      ["helper", 0],
    ]);
    expect(step?.outputs).toMatchObject({ tokens_in: 40, tokens_out: 20, cost_micros: 80 });
  });
});

describe("a GraphQL tool", () => {
  const addBuilding = {
    kind: "GRAPHQL",
    name: "add_building",
    description: "Adds a building.",
    query:
      "mutation ($code: String!, $name: String!, $city: String) { createBuilding(input: { code: $code, name: $name, city: $city }) { building { code } } }",
  };
  const buildings = "{ buildings(first: 50) { edges { node { code name } } } }";
  const namesOf = async (who: TestUser): Promise<string[]> =>
    (await who.run<{ buildings: { edges: { node: { name: string } }[] } }>(buildings)).buildings.edges.map(({ node }) => node.name);

  interface Caller {
    readonly tools?: readonly (typeof addBuilding & { readonly approvalRoles?: readonly string[] })[];
    readonly permissions?: readonly string[];
    readonly profile?: string;
  }
  /** A tenant whose agent calls its tools once with each of these arguments, and then ends. */
  async function aCaller(args: string | readonly string[], more: Caller = {}) {
    const model = aModel();
    const { tenant, admin, providerId } = await aTenant(model);
    const { tools: given = [addBuilding], permissions = ["building.create", "building.read"], profile = "" } = more;
    const calls = given.flatMap(({ name }) => [args].flat().map((one) => ({ name, arguments: one })));
    const toolCalls = calls.map((call, at) => ({ ...call, id: `call_${at}` }));
    models.answer(model, ({ body }) => (body.messages.length === 2 ? { toolCalls } : { text: "Done." }));
    const { createAgent } = await anAgent(admin, { model, providerId, tools: given, permissions });
    await tenant.definition(`${automation(asks)}${profile}`);
    return { tenant, admin, model, agentId: createAgent.agent.id };
  }
  const callsOf = ({ runs }: Instance): readonly ToolCall[] => runs[0]?.steps[0]?.agentCalls[0]?.toolCalls ?? [];
  const callOf = (instance: Instance): ToolCall | undefined => callsOf(instance)[0];
  const resultOf = (instance: Instance): string => JSON.stringify(callOf(instance)?.result ?? null);

  test("runs its operation, whose variables are the arguments, and reads the result", async () => {
    const { admin, model } = await aCaller('{"code":"B1","name":"Tower"}');
    expect(callOf(await ran(admin))).toMatchObject({
      tool: "add_building",
      status: "SUCCEEDED",
      arguments: { code: "B1", name: "Tower" },
      result: { data: { createBuilding: { building: { code: "B1" } } } },
    });
    expect(await namesOf(admin)).toContain("Tower");
    expect(models.requestsOf(model)[0]?.body["tools"]).toMatchObject([
      {
        function: {
          name: "add_building",
          parameters: {
            type: "object",
            properties: { code: { type: "string" }, name: { type: "string" }, city: { type: "string" } },
            required: ["code", "name"],
            additionalProperties: false,
          },
        },
      },
    ]);
  });

  test("takes what the model says as values, and not as code", async () => {
    const names = ['"}) { building { id } } deleteBuilding(input: { id: $id', "{{ secrets.deploy }}", "$code", "# N\n}"];
    const { admin } = await aCaller(names.map((name, at) => JSON.stringify({ code: `B${at}`, name })));
    const calls = callsOf(await ran(admin));
    // A name has one line.
    expect(calls.map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED"]);
    expect(await namesOf(admin)).toEqual(expect.arrayContaining(names.slice(0, 3)));
  });

  test("does nothing if the model says more than values of its variables", async () => {
    const { admin, model } = await aCaller([
      '{"code":"B1","name":"N","id":"x"}',
      '{"code":"B1","name":"N","query":"mutation { deleteBuilding }"}',
      '{"code":"B1","name":"N","idempotencyKey":"k"}',
      '{"code":"B1","name":"N","__proto__":{"city":"x"}}',
      '{"code":"B1","name":{"set":"N"}}',
      '[{"code":"B1","name":"N"}]',
      "mutation { deleteBuilding }",
    ]);
    const calls = callsOf(await ran(admin));
    expect(calls).toHaveLength(7);
    for (const { status, arguments: kept, result } of calls) {
      expect({ status, kept }).toEqual({ status: "FAILED", kept: {} });
      expect(JSON.stringify(result)).toContain("The arguments cannot be used.");
    }
    expect(models.requestsOf(model)).toHaveLength(2);
    expect(await namesOf(admin)).not.toContain("N");
  });

  test("cannot reach what belongs to another tenant", async () => {
    const stranger = (await weft.tenant()).admin;
    const tool = { ...addBuilding, name: "look", query: "query ($id: ID!) { user(id: $id) { id name } }" };
    const { admin } = await aCaller(JSON.stringify({ id: stranger.id }), { tools: [tool], permissions: ["user.read"] });
    expect(resultOf(await ran(admin))).toContain("NOT_FOUND");
  });

  test("has only the permissions of its agent", async () => {
    const { admin } = await aCaller('{"code":"B1","name":"N"}', { permissions: ["building.read"] });
    const instance = await ran(admin);
    expect(callOf(instance)).toMatchObject({ status: "FAILED" });
    expect(resultOf(instance)).toContain("FORBIDDEN");
    expect(await namesOf(admin)).not.toContain("N");
  });

  test("has no right that the owner of the instance does not have", async () => {
    const { tenant, admin } = await aCaller('{"code":"B1","name":"N"}');
    const instance = await ran(await tenant.user("workflow_manager"));
    expect(resultOf(instance)).toContain("FORBIDDEN");
    expect(await namesOf(admin)).not.toContain("N");
  });

  test("has no right that the author of the agent has lost, or has changed it without", async () => {
    const { tenant, admin, agentId } = await aCaller('{"code":"B1","name":"N"}');
    const other = await tenant.user("admin");
    const update = "mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { permissions } } }";
    const { updateAgent } = await other.run<{ updateAgent: object }>(update, { input: { id: agentId, name: "Other" } });
    expect(updateAgent).toEqual({ agent: { permissions: ["building.create", "building.read"] } });
    await admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: other.id });
    const instance = await ran(admin);
    expect(resultOf(instance)).toContain("The author of the agent is not active");
    expect(await namesOf(admin)).not.toContain("N");
    // Switching it off and on does not make anybody its author.
    for (const status of ["INACTIVE", "ACTIVE"]) await admin.run(update, { input: { id: agentId, status } });
    expect(resultOf(await ran(admin))).toContain("The author of the agent is not active");
    await admin.run(update, { input: { id: agentId, name: "Mine" } });
    expect(callOf(await ran(admin))).toMatchObject({ status: "SUCCEEDED" });
  });

  test("has no right that the author of an agent that asks its agent does not have", async () => {
    const model = aModel();
    const { tenant, admin, providerId } = await aTenant(model);
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { key } } }", {
      input: {
        key: "trainer",
        name: "Trainer",
        permissions: ["agent.read", "agent.manage"].map((permission) => ({ permission, scope: "TENANT" })),
      },
    });
    const trainer = await tenant.user("trainer");
    const asking = { kind: "AGENT", name: "ask_builder", description: "Asks the builder.", agent: "builder" };
    const { createAgent } = await anAgent(admin, { model, providerId, tools: [asking] });
    const permissions = ["building.create", "building.read"];
    await anAgent(admin, { key: "builder", model, providerId, instructions: "I build.", tools: [addBuilding], permissions });
    models.answer(model, ({ body }) => {
      if (body.messages.length > 2) return { text: String(body.messages.at(-1)?.content) };
      const isBuilder = JSON.stringify(body.messages[0]).includes("I build.");
      return {
        toolCalls: [
          isBuilder
            ? { name: "add_building", arguments: '{"code":"B1","name":"N"}' }
            : { name: "ask_builder", arguments: '{"prompt":"Add"}' },
        ],
      };
    });
    await tenant.definition(automation(asks));
    const update = "mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { id } } }";
    const input = { id: createAgent.agent.id, instructions: "Add many." };
    const key = await userWithKey(admin, ["agent.read", "agent.manage"]);
    expect((await key.send(update, { input })).errors?.[0]?.message).toContain("API keys cannot");
    await trainer.run(update, { input });
    const text = async (): Promise<unknown> => (await ran(admin)).runs[0]?.steps[0]?.outputs?.["text"];
    expect(await text()).toContain("FORBIDDEN");
    expect(await namesOf(admin)).not.toContain("N");
    // So does whoever answers for the model of the agent that asks.
    const move = "mutation ($input: UpdateModelProviderInput!) { updateModelProvider(input: $input) { modelProvider { id } } }";
    expect(await trainer.refusal(move, { input: { id: providerId, baseUrl: toolUrl } })).toBe("FORBIDDEN");
    await admin.run(update, { input });
    expect(await text()).toContain("B1");
  });

  test.each([
    ["a permission that was taken from its agent", { permissions: ["building.read"] }, "building.create"],
    ["an agent that is no longer active", { status: "INACTIVE" }, "deactivated or deleted"],
  ])("does not use %s while it waited for approval", async (_what, change, message) => {
    const { admin, agentId } = await aCaller('{"code":"B1","name":"N"}', { tools: [{ ...addBuilding, approvalRoles: ["admin"] }] });
    const id = await started(admin);
    await weft.weft.worker.idle();
    await admin.run("mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { id } } }", {
      input: { id: agentId, ...change },
    });
    await admin.run("mutation ($id: ID!) { decideAgentToolCall(input: { id: $id, isApproved: true }) { toolCall { id } } }", {
      id: callOf(await seen(admin, id))?.id,
    });
    await weft.weft.worker.idle();
    const result = resultOf(await seen(admin, id));
    expect(result).toContain("FORBIDDEN");
    expect(result).toContain(message);
    expect(await namesOf(admin)).not.toContain("N");
  });

  test("is written and given permissions only by a user who is logged in and has them", async () => {
    const model = aModel();
    const { tenant, admin, providerId } = await aTenant(model);
    const permission = (name: string) => ({ permission: name, scope: "TENANT" });
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { key } } }", {
      input: { key: "trainer", name: "Trainer", permissions: ["agent.read", "agent.manage"].map(permission) },
    });
    const trainer = await tenant.user("trainer");
    const input = {
      key: "own",
      name: "Own",
      providerId,
      model,
      instructions: "Help.",
      tools: [addBuilding],
      permissions: ["building.create"],
    };
    const { errors } = await trainer.send(create, { input });
    expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    expect(errors?.[0]?.message).toContain("building.create");
    const key = await userWithKey(admin, ["agent.read", "agent.manage", "building.create"]);
    expect((await key.send(create, { input })).errors?.[0]?.message).toContain("API keys cannot");
    // Instructions steer a tool as well.
    const { createAgent } = await admin.run<{ createAgent: { agent: { id: string } } }>(create, { input });
    const update = "mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { id } } }";
    for (const change of [{ instructions: "Add many." }, { permissions: ["building.create", "building.read"] }])
      expect(await trainer.refusal(update, { input: { id: createAgent.agent.id, ...change } })).toBe("FORBIDDEN");
    await trainer.run(update, { input: { id: createAgent.agent.id, status: "INACTIVE" } });
    // So does whoever answers for the model.
    const move = "mutation ($input: UpdateModelProviderInput!) { updateModelProvider(input: $input) { modelProvider { id } } }";
    expect(await trainer.refusal(move, { input: { id: providerId, baseUrl: toolUrl } })).toBe("FORBIDDEN");
    await trainer.run(move, { input: { id: providerId, name: "Renamed" } });
  });

  test("cannot use what steps cannot use", async () => {
    const queries = {
      completeTask: 'mutation { completeTask(input: { id: "tsk_1", transition: "done" }) { task { id } } }',
      createApiKey: 'mutation { createApiKey(input: { name: "a" }) { secret } }',
      decideAgentToolCall: 'mutation { decideAgentToolCall(input: { id: "atc_1", isApproved: true }) { toolCall { id } } }',
      sessions: "{ sessions(first: 1) { edges { node { id } } } }",
    };
    const tools = Object.entries(queries).map(([name, query]) => ({ ...addBuilding, name, query }));
    const { admin, providerId } = await aTenant(aModel());
    const { errors } = await admin.send(create, {
      input: { key: "a", name: "A", providerId, model: "m", instructions: "I", tools, permissions: [] },
    });
    const { problems } = (errors?.[0]?.extensions ?? { problems: [] }) as { problems: { path: string; message: string }[] };
    expect(problems.map(({ path }) => path)).toEqual(tools.map((_tool, at) => `input.tools.${at}.query`));
    for (const [at, { name }] of tools.entries()) expect(problems[at]?.message).toContain(`A run cannot use ${name}`);
  });

  test("is not used if the security profile of the run allows no operations", async () => {
    const { admin } = await aCaller('{"code":"B1","name":"N"}', { profile: "profile: { step_types: [agent] }\n" });
    const instance = await ran(admin);
    expect(instance.runs[0]?.steps[0]).toMatchObject({ status: "FAILED", error: { code: "PROFILE_VIOLATION" } });
    expect(await namesOf(admin)).not.toContain("N");
  });

  test("waits for approval, which shows the values", async () => {
    const { admin } = await aCaller('{"code":"B1","name":"Tower"}', { tools: [{ ...addBuilding, approvalRoles: ["admin"] }] });
    const instance = await ran(admin);
    expect(await namesOf(admin)).not.toContain("Tower");
    const { awaitedAgentToolCalls } = await admin.run<{ awaitedAgentToolCalls: ToolCall[] }>("{ awaitedAgentToolCalls { id arguments } }");
    expect(awaitedAgentToolCalls).toMatchObject([{ id: callOf(instance)?.id, arguments: { name: "Tower" } }]);
    await admin.run("mutation ($id: ID!) { decideAgentToolCall(input: { id: $id, isApproved: true }) { toolCall { id } } }", {
      id: callOf(instance)?.id,
    });
    await weft.weft.worker.idle();
    expect(await namesOf(admin)).toContain("Tower");
  });

  test("is refused with the path of each problem", async () => {
    const { admin, providerId } = await aTenant(aModel());
    const tools = [
      { ...addBuilding, name: "a", query: "mutation {" },
      { ...addBuilding, name: "b", query: "subscription { runs { id } }" },
      { ...addBuilding, name: "c", query: "query ($input: CreateBuildingInput!) { a(b: $input) }" },
      { ...addBuilding, name: "d", parameters: { properties: { other: { type: "string" } } } },
      { ...addBuilding, name: "e", url: "https://a.example.com" },
      { kind: "HTTP", name: "f", description: "F", url: "https://a.example.com", parameters: {}, query: "{ me { id } }" },
      { ...addBuilding, name: "g", parameters: { properties: { name: { type: "nothing" } } } },
      { ...addBuilding, name: "h", query: "{ buildings(first: 1) { totalCuont } }" },
    ];
    const { errors } = await admin.send(create, {
      input: { key: "a", name: "A", providerId, model: "m", instructions: "I", tools, permissions: ["nothing.at.all"] },
    });
    const problems = ((errors?.[0]?.extensions ?? { problems: [] }) as { problems: { path: string }[] }).problems.map(({ path }) => path);
    expect(problems).toEqual([
      "input.tools.0.query",
      "input.tools.1.query",
      "input.tools.2.query",
      "input.tools.3.parameters",
      "input.tools.4.url",
      "input.tools.5.query",
      "input.tools.6.parameters.properties.name.type",
      "input.tools.7.query",
      "input.permissions",
    ]);
  });
});

import type { ServerResponse } from "node:http";
import { sharedWeft, until, type TestTenant, type SharedWeft } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

const orders = `weft: 1
key: orders
name: Orders
data:
  properties:
    title: { type: string }
    reply: { type: object, properties: { status: { type: number } }, additionalProperties: true }
    note: { type: object, properties: { status: { type: number }, body: { type: string } }, additionalProperties: true }
initial: draft
states:
  draft:
    transitions:
      order: { to: ordering, actions: [{ call: { integration: crm, action: request, input: { method: "'POST'", path: "'orders'" }, into: data.reply, then: ordered, onFailure: refused } }] }
      note: { to: draft, actions: [{ call: { integration: crm, action: request, input: { method: "'POST'", path: "'notes'" }, into: data.note } }] }
      post: { to: draft, actions: [{ call: { integration: crm, action: request, input: { method: "'POST'", path: "'posts'" } } }] }
  ordering:
    transitions:
      ordered: { to: checking, auto: call, when: "data.reply.status < 202" }
      refused: { to: failed, auto: call }
      again: { to: draft }
  checking: { transitions: { over: { to: done, auto: true, when: "data.reply.status == 200" }, look: { to: draft } } }
  done: { final: completed }
  failed: { final: rejected }
`;

const simulate = `query ($source: String!, $steps: [SimulationStepInput!]!) {
  simulateWorkflow(source: $source, data: { title: "Chairs" }, steps: $steps) { state status path data calls { integrationKey action input outcome reason }
    steps { transition from to isAccepted code reasons changed automaticTransitions { transition } call { action outcome } calls { input outcome } } } }`;

interface Simulation {
  readonly state: string;
  readonly status: string;
  readonly path: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
  readonly calls: readonly { readonly outcome: string; readonly reason: string | null }[];
  readonly steps: readonly { readonly isAccepted: boolean }[];
}

let weft: SharedWeft;
let server: HttpServer;
let responses: ServerResponse[] = [];
beforeAll(async () => {
  server = await serveHttp((_request, response) => void responses.push(response));
  weft = await sharedWeft();
});
afterAll(async () => {
  await server.close();
});

const simulated = async ({ admin }: TestTenant, steps: readonly object[], source = orders): Promise<Simulation> =>
  (await admin.run<{ simulateWorkflow: Simulation }>(simulate, { source, steps })).simulateWorkflow;

const crm = { integrationKey: "crm", action: "request" };

test("a simulation shows the calls that would be made, and what their results would do", async () => {
  const acme = await weft.tenant();
  const steps = [{ transition: "order" }, { callResult: { ...crm, result: { status: 200 } } }, { callResult: crm }];
  expect(await simulated(acme, steps)).toEqual({
    state: "done",
    status: "COMPLETED",
    path: ["draft", "ordering", "checking", "done"],
    data: { title: "Chairs", reply: { status: 200 } },
    calls: [{ ...crm, input: { method: "POST", path: "orders" }, outcome: "DONE", reason: null }],
    steps: [
      expect.objectContaining({
        transition: "order",
        isAccepted: true,
        call: null,
        calls: [{ input: { method: "POST", path: "orders" }, outcome: "PENDING" }],
      }),
      {
        transition: null,
        from: "ordering",
        to: "done",
        isAccepted: true,
        code: null,
        reasons: [],
        changed: ["reply"],
        automaticTransitions: [{ transition: "ordered" }, { transition: "over" }],
        call: { action: "request", outcome: "DONE" },
        calls: [],
      },
      expect.objectContaining({
        transition: null,
        isAccepted: false,
        code: "NOT_FOUND",
        reasons: ["There is no open call crm.request; no call is open."],
        call: null,
      }),
    ],
  });
});

test("invalid results of calls are refused with their path", async () => {
  const { admin } = await weft.tenant();
  const refusal = async (step: object) => {
    const { extensions } = await admin.refused(simulate, { source: orders, steps: [step] });
    const { code, problems } = extensions as unknown as { code: string; problems: { path: string }[] };
    return [code, ...problems.map(({ path }) => path)];
  };
  expect(await refusal({})).toEqual(["BAD_USER_INPUT", "steps.0"]);
  expect(await refusal({ transition: "order", callResult: crm })).toEqual(["BAD_USER_INPUT", "steps.0"]);
  expect(await refusal({ callResult: { ...crm, number: 0 } })).toEqual(["BAD_USER_INPUT", "steps.0.callResult.number"]);
  expect(await refusal({ callResult: { ...crm, result: 1, failure: "No" } })).toEqual(["BAD_USER_INPUT", "steps.0.callResult.failure"]);
  expect(await refusal({ callResult: { ...crm, failure: "x".repeat(2001) } })).toEqual(["BAD_USER_INPUT", "steps.0.callResult.failure"]);
  expect(await refusal({ callResult: crm, comment: "Hm", as: {} })).toEqual(["BAD_USER_INPUT", "steps.0.comment", "steps.0.as"]);
});

test("results that are nested too deeply, or contain forbidden names, are refused", async () => {
  const { admin } = await weft.tenant();
  const deep = JSON.parse(`${'{"a":'.repeat(60)}1${"}".repeat(60)}`) as object;
  const hostile = JSON.parse('{"__proto__":{"status":200}}') as object;
  for (const result of [deep, hostile])
    expect(await admin.refusal(simulate, { source: orders, steps: [{ transition: "order" }, { callResult: { ...crm, result } }] })).toBe(
      "BAD_USER_INPUT",
    );
});

test("the path does not repeat the state when an escalation raises a value", async () => {
  const source = `weft: 1
key: raised
name: Raised
data: { properties: { title: { type: string }, urgency: { type: string, enum: [low, high] } } }
initial: open
escalations: { slow: { on: { state: open }, levels: [{ after: P1D, raise: { field: data.urgency, to: high } }] } }
states: { open: { transitions: { close: { to: closed } } }, closed: { final: completed } }
`;
  const { path, data } = await simulated(await weft.tenant(), [{ transition: "close", after: "P2D" }], source);
  expect({ path, data }).toMatchObject({ path: ["open", "closed"], data: { urgency: "high" } });
});

/** Fires a transition, or answers the call with this number with a status. */
type Act = string | readonly [number: number, status: number];

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("order", "order", "note", "note", "post", "again", "look") },
    { weight: 2, arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(200, 200, 201, 202, 422)) },
  ),
  { minLength: 4, maxLength: 7 },
);
const walks: readonly (readonly Act[])[] = [
  ["order", [1, 200]],
  ["order", "again", "order", [1, 200], [2, 201], "look"],
  ["note", "note", [2, 200], [1, 200]],
  ["note", "note", [2, 422], [1, 200]],
  ["post", "order", [1, 422], [2, 422]],
  ...fc.sample(acts, { numRuns: 4, seed: 5 }),
];

interface Call {
  readonly id: string;
  readonly status: string;
  readonly followUpStatus: string | null;
  readonly followUpError: string | null;
}

async function callsOf({ admin }: TestTenant, id: string): Promise<Call[]> {
  const { integrationCalls } = await admin.run<{ integrationCalls: { edges: { node: Call }[] } }>(
    "query ($filter: IntegrationCallFilter) { integrationCalls(filter: $filter, first: 50) { edges { node { id status followUpStatus followUpError } } } }",
    { filter: { instanceId: { eq: id } } },
  );
  return integrationCalls.edges.map(({ node }) => node).toReversed();
}

/** The outcome of a stored call, in the words of simulations. */
const outcomeOf = ({ status, followUpStatus, followUpError }: Call): string =>
  status === "PENDING" ? "PENDING" : (followUpStatus ?? (followUpError === null ? "WAITING" : "FAILED"));

test("what a simulation shows is what results of calls do to a stored instance", { tags: "slow", timeout: 120_000 }, async () => {
  const acme = await weft.tenant();
  const { admin } = acme;
  await admin.run("mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }", {
    input: {
      key: "crm",
      name: "CRM",
      connector: "HTTP",
      configuration: { baseUrl: server.url },
      credentials: { type: "NONE" },
    },
  });
  await acme.definition(orders);
  const shown = new Set<string>();
  for (const walk of walks) {
    responses = [];
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "orders", data: { title: "Chairs" } }) { instance { id } } }',
    );
    const { id } = startWorkflow.instance;
    const steps: object[] = [];
    /** Waits until the calls have the outcomes that the simulation shows. */
    const agree = async (): Promise<void> => {
      const wanted = (await simulated(acme, steps)).calls.map(({ outcome }) => outcome).join();
      const isSent = (calls: readonly Call[]): boolean => responses.length === calls.length;
      await until(
        async () => {
          const calls = await callsOf(acme, id);
          return calls.map(outcomeOf).join() === wanted && isSent(calls);
        },
        { what: `the calls of ${JSON.stringify(walk)} are ${wanted}`, deadlineMs: 10_000 },
      );
    };
    for (const act of walk) {
      if (typeof act === "string") {
        steps.push({ transition: act });
        await admin.send("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
          input: { instanceId: id, transition: act },
        });
      } else {
        const [number, status] = act;
        const response = responses[number - 1];
        if (!response || response.writableEnded) continue;
        const ended = status >= 400 ? { failure: "Refused" } : { result: { status, headers: {}, body: "fine" } };
        steps.push({ callResult: { ...crm, number, ...ended } });
        response.writeHead(status, { "content-type": "text/plain" }).end("fine");
      }
      await agree();
    }
    const { workflowInstance } = await admin.run<{
      workflowInstance: {
        state: string;
        status: string;
        data: Record<string, unknown>;
      };
    }>("query ($id: ID!) { workflowInstance(id: $id) { state status data } }", { id });
    const simulation = await simulated(acme, steps);
    const stored = await callsOf(acme, id);
    const { state, status, data } = workflowInstance;
    const statuses = (values: Readonly<Record<string, unknown>>) =>
      ["reply", "note"].map((name) => (values[name] as { status?: number } | undefined)?.status);
    expect({ walk, state: simulation.state, status: simulation.status, statuses: statuses(simulation.data) }).toEqual({
      walk,
      state,
      status,
      statuses: statuses(data),
    });
    for (const [at, { outcome, reason }] of simulation.calls.entries()) {
      shown.add(outcome);
      if (outcome === "SKIPPED") expect({ walk, reason }).toEqual({ walk, reason: stored[at]?.followUpError });
    }
    for (const response of responses) if (!response.writableEnded) response.writeHead(422).end();
  }
  expect([...shown].toSorted()).toEqual(expect.arrayContaining(["DONE", "FAILED", "PENDING", "SKIPPED", "WAITING"]));
});

import { startTestWeft, userWithKey, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
/** Events that a tenant can publish in a minute: more than any other test publishes. */
const MAX_EVENTS = 30;
beforeAll(async () => void (weft = await startTestWeft({ settings: { LIMIT_PUBLISHED_EVENTS_PER_MINUTE: String(MAX_EVENTS) } })));
afterAll(() => weft.stop());

const start = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state data runs { status steps { step status attempts outputs error { code message } } }
  tasks { id title status instructions rule transition completedBy { id } dueAt priority } } }`;
const complete = `mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { task { status transition } instance { state } } }`;
const cancel = `mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { status } } }`;
const fire = `mutation ($id: ID!, $transition: String!, $input: JSON) { fireTransition(input: { instanceId: $id, transition: $transition, input: $input }) { instance { state } } }`;

interface Step {
  readonly step: string;
  readonly status: string;
  readonly attempts: number;
  readonly outputs: Record<string, unknown> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

interface Instance {
  readonly state: string;
  readonly data: Record<string, unknown>;
  readonly runs: readonly { readonly status: string; readonly steps: readonly Step[] }[];
  readonly tasks: readonly { readonly id: string; readonly status: string; readonly [name: string]: unknown }[];
}

const automation = (key: string, steps: string): string => `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\nsteps:\n${steps}`;

const signal = `weft: 1
key: signal
name: Signal
data: { properties: { order: { type: string }, amount: { type: integer } } }
initial: open
states:
  open: { transitions: { send: { to: done, actions: [{ emit: { type: order.paid, payload: { order: data.order, amount: data.amount } } }] } } }
  done: { final: completed }
`;

async function aTenant(...definitions: readonly string[]): Promise<TestTenant> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return tenant;
}

async function started(who: TestUser, key: string, data: object = {}): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { key, data });
  await weft.weft.worker.idle();
  return startWorkflow.instance.id;
}

/** Matchers have the type any. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);
const aText: unknown = expect.any(String);

const seen = async (who: TestUser, id: string): Promise<Instance> =>
  (await who.run<{ workflowInstance: Instance }>(read, { id })).workflowInstance;

const taskOf = async (who: TestUser, id: string): Promise<string> => (await seen(who, id)).tasks[0]?.id ?? "";

/** Emits order.paid. */
async function pay(who: TestUser, order: string, amount = 5): Promise<void> {
  const id = await started(who, "signal", { order, amount });
  await who.run(fire, { id, transition: "send" });
  await weft.weft.worker.idle();
}

describe("a task of a step", () => {
  const check = automation(
    "check",
    `  - id: look
    type: task
    with:
      title: Look at {{ run.id }}
      roles: [operations]
      instructions: Compare both.
      due: 2d
      priority: high
      outcomes: [fine, broken]
      comment_for: [broken]
      input: { properties: { score: { type: integer } }, required: [score] }
  - { id: after, type: set, with: { values: { score: "{{ steps.look.outputs.input.score }}", by: "{{ steps.look.outputs.completed_by }}" } } }
`,
  );

  test("is a task like every other, and completing it with an outcome lets the run go on", { tags: "slow" }, async () => {
    const { admin, user } = await bound(aTenant(check));
    const operations = await user("operations");
    const id = await started(admin, "check");
    const before = await seen(operations, id);
    expect(before.runs).toMatchObject([{ status: "RUNNING", steps: [{ step: "look", status: "WAITING" }, { status: "PENDING" }] }]);
    expect(before.tasks).toMatchObject([
      {
        title: matching(/^Look at run_/),
        status: "OPEN",
        instructions: "Compare both.",
        rule: "step:look",
        priority: "HIGH",
        dueAt: aText,
      },
    ]);
    const task = before.tasks[0]?.id ?? "";
    const offered = await operations.run<{ task: { availableTransitions: unknown } }>(
      "query ($id: ID!) { task(id: $id) { availableTransitions { name allowed requiresComment inputSchema } } }",
      { id: task },
    );
    expect(offered.task.availableTransitions).toMatchObject([
      { name: "fine", allowed: true, requiresComment: false, inputSchema: { required: ["score"] } },
      { name: "broken", allowed: true, requiresComment: true },
    ]);
    const done = await operations.run(complete, { input: { id: task, transition: "fine", input: { score: 3 } } });
    expect(done).toEqual({ completeTask: { task: { status: "COMPLETED", transition: "fine" }, instance: { state: "succeeded" } } });
    expect((await seen(admin, id)).runs[0]?.steps).toMatchObject([
      { status: "SUCCEEDED", outputs: { outcome: "fine", completed_by: operations.id, input: { score: 3 } } },
      { status: "SUCCEEDED", outputs: { score: 3, by: operations.id } },
    ]);
  });

  test("is completed only with its outcomes, their comments and input, by users to whom it is offered", async () => {
    const { admin, user } = await bound(aTenant(check));
    const [operations, agent] = [await user("operations"), await user("viewer")];
    const id = await taskOf(operations, await started(admin, "check"));
    const refusal = (who: TestUser, input: object) => who.refused(complete, { input: { id, ...input } });
    expect(await refusal(operations, { transition: "succeed", input: { score: 1 } })).toMatchObject({
      message: containing('The task has no outcome "succeed". Use one of fine, broken.'),
    });
    expect(JSON.stringify(await refusal(operations, { transition: "broken", input: { score: 1 } }))).toContain("requires a comment");
    expect(JSON.stringify(await refusal(operations, { transition: "fine", input: { score: "x" } }))).toContain("input.input.score");
    expect(await agent.refusal(complete, { input: { id, transition: "fine", input: { score: 1 } } })).toMatch(
      /NOT_FOUND|TRANSITION_REJECTED|FORBIDDEN/,
    );
    const neighbor = await weft.tenant();
    expect(await neighbor.admin.refusal(complete, { input: { id, transition: "fine", input: { score: 1 } } })).toBe("NOT_FOUND");
  });

  test("is completed by one of two users who do so at the same time", async () => {
    const { admin, user } = await bound(aTenant(check));
    const people = [await user("operations"), await user("operations")];
    const id = await started(admin, "check");
    const task = await taskOf(admin, id);
    const results = await Promise.allSettled(
      people.map((who, score) => who.run(complete, { input: { id: task, transition: "fine", input: { score } } })),
    );
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const winner = results.findIndex(({ status }) => status === "fulfilled");
    expect((await seen(admin, id)).runs[0]?.steps[1]?.outputs).toEqual({ score: winner, by: people[winner]?.id });
  });

  test("is closed when the run is canceled", async () => {
    const { admin, user } = await bound(aTenant(check));
    const operations = await user("operations");
    const id = await started(admin, "check");
    const task = await taskOf(operations, id);
    await admin.run(cancel, { id });
    await weft.weft.worker.idle();
    expect(await seen(admin, id)).toMatchObject({
      tasks: [{ status: "CLOSED" }],
      runs: [{ status: "CANCELLED", steps: [{ status: "CANCELLED" }, {}] }],
    });
    expect(await operations.refusal(complete, { input: { id: task, transition: "fine", input: { score: 1 } } })).toBe(
      "TRANSITION_REJECTED",
    );
  });

  test("is either completed or closed if both happen at the same time", { tags: "slow" }, async () => {
    const { admin, user } = await bound(aTenant(check));
    const operations = await user("operations");
    for (let round = 0; round < 4; round++) {
      const id = await started(admin, "check");
      const task = await taskOf(operations, id);
      const [completed] = await Promise.allSettled([
        operations.run(complete, { input: { id: task, transition: "fine", input: { score: 1 } } }),
        admin.run(cancel, { id }),
      ]);
      await weft.weft.worker.idle();
      const after = await seen(admin, id);
      const isDone = completed.status === "fulfilled";
      expect(after.tasks).toMatchObject([{ status: isDone ? "COMPLETED" : "CLOSED" }]);
      expect(after.runs[0]?.status).toBe(isDone ? "SUCCEEDED" : "CANCELLED");
    }
  });

  test("can be kept from the owner, and fails the step after some time", { tags: "slow" }, async () => {
    const { admin } = await bound(
      aTenant(
        automation(
          "four-eyes",
          `  - { id: sign, type: task, with: { title: Sign, roles: [owner, tenant_admin], not_owner: true, timeout: 1s } }\n`,
        ),
      ),
    );
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { key: "four-eyes", data: {} });
    const { id } = startWorkflow.instance;
    await expect.poll(async () => (await seen(admin, id)).tasks.length, { timeout: 10_000 }).toBe(1);
    const task = await taskOf(admin, id);
    expect(await admin.refused(complete, { input: { id: task, transition: "done" } })).toMatchObject({
      message: matching(/The owner cannot do this|no longer open/),
    });
    await expect.poll(async () => (await seen(admin, id)).state, { timeout: 10_000 }).toBe("failed");
    expect(await seen(admin, id)).toMatchObject({ tasks: [{ status: "CLOSED" }], runs: [{ steps: [{ error: { code: "TIMEOUT" } }] }] });
  });

  test("does not let its candidates fire transitions of the state", async () => {
    const { admin, user } = await bound(
      aTenant(`weft: 1
key: beside
name: Beside
initial: working
states:
  working:
    run: { steps: [{ id: ask, type: task, with: { title: Ask, roles: [operations] } }], then: finished }
    task: { title: Watch, candidates: { roles: [workflow_manager] } }
    transitions: { finished: { to: done, auto: run }, abort: { to: done, allow: { candidate: true } } }
  done: { final: completed }
`),
    );
    const operations = await user("operations");
    const id = await started(admin, "beside");
    expect(await operations.refusal(fire, { id, transition: "abort" })).toMatch(/TRANSITION_REJECTED|FORBIDDEN/);
    const task = (await seen(admin, id)).tasks.find(({ title }) => title === "Ask");
    await operations.run(complete, { input: { id: task?.id, transition: "done" } });
    expect((await seen(admin, id)).state).toBe("done");
  });
});

/** A tenant whose methods can be taken apart. */
async function bound(made: Promise<TestTenant>) {
  const tenant = await made;
  return { tenant, admin: tenant.admin, user: (role: string) => tenant.user(role) };
}

describe("an approval", () => {
  const release = automation(
    "release",
    `  - { id: gate, type: wait, with: { approval: { title: Release?, roles: [operations], comment_for: [reject] } } }\n`,
  );

  test("lets the run go on, or fails it with REJECTED", { tags: "slow" }, async () => {
    const { admin, user } = await bound(aTenant(release));
    const operations = await user("operations");
    const [yes, no] = [await started(admin, "release"), await started(admin, "release")];
    await operations.run(complete, { input: { id: await taskOf(operations, yes), transition: "approve" } });
    await operations.run(complete, { input: { id: await taskOf(operations, no), transition: "reject", comment: "Not today" } });
    expect(await seen(admin, yes)).toMatchObject({ state: "succeeded", runs: [{ steps: [{ outputs: { outcome: "approve" } }] }] });
    expect(await seen(admin, no)).toMatchObject({
      state: "failed",
      runs: [{ steps: [{ status: "FAILED", attempts: 1, error: { code: "REJECTED", message: containing("Not today") } }] }],
    });
  });
});

describe("waiting for an event", () => {
  const paid = (more = ""): string =>
    automation(
      "paid",
      `  - { id: payment, type: wait, with: { event: order.paid, where: { order: a }${more} } }\n  - { id: after, type: set, with: { values: {} } }\n`,
    );

  test("ends with the first event that has the values, whose payload is the output", { tags: "slow" }, async () => {
    const { admin } = await bound(aTenant(signal, paid()));
    await pay(admin, "a", 1);
    const id = await started(admin, "paid");
    await pay(admin, "b", 2);
    expect((await seen(admin, id)).runs[0]?.steps[0]?.status).toBe("WAITING");
    await pay(admin, "a", 3);
    await pay(admin, "a", 4);
    expect(await seen(admin, id)).toMatchObject({
      state: "succeeded",
      runs: [{ steps: [{ outputs: { payload: { order: "a", amount: 3 } } }, {}] }],
    });
  });

  test("of two steps, one after the other, takes two events", async () => {
    const { admin } = await bound(
      aTenant(
        signal,
        automation(
          "twice",
          `  - { id: one, type: wait, with: { event: order.paid } }\n  - { id: two, type: wait, with: { event: order.paid } }\n`,
        ),
      ),
    );
    const id = await started(admin, "twice");
    await pay(admin, "a", 1);
    expect((await seen(admin, id)).runs[0]?.steps).toMatchObject([{ status: "SUCCEEDED" }, { status: "WAITING" }]);
    await pay(admin, "a", 2);
    expect((await seen(admin, id)).runs[0]?.steps).toMatchObject([
      { outputs: { payload: { amount: 1 } } },
      { outputs: { payload: { amount: 2 } } },
    ]);
  });

  test("never misses an event that is published as soon as the step waits", { tags: "slow" }, async () => {
    const { admin } = await bound(aTenant(signal, paid()));
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { key: "paid", data: {} });
    const { id } = startWorkflow.instance;
    const sender = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, {
      key: "signal",
      data: { order: "a", amount: 9 },
    });
    await expect.poll(async () => (await seen(admin, id)).runs[0]?.steps[0]?.status, { interval: 5, timeout: 10_000 }).toBe("WAITING");
    await admin.run(fire, { id: sender.startWorkflow.instance.id, transition: "send" });
    await expect.poll(async () => (await seen(admin, id)).state, { timeout: 10_000 }).toBe("succeeded");
  });

  test("fails with TIMEOUT when the event does not come in time", { tags: "slow" }, async () => {
    const { admin } = await bound(aTenant(signal, paid(", timeout: 1s")));
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { key: "paid", data: {} });
    const { id } = startWorkflow.instance;
    await expect.poll(async () => (await seen(admin, id)).state, { timeout: 10_000 }).toBe("failed");
    expect((await seen(admin, id)).runs[0]?.steps[0]?.error).toMatchObject({ code: "TIMEOUT" });
  });

  test("ends for every run that waits, but not for those of another organization", { tags: "slow" }, async () => {
    const [one, other] = [await bound(aTenant(signal, paid())), await bound(aTenant(signal, paid()))];
    const ids = [await started(one.admin, "paid"), await started(one.admin, "paid")];
    const foreign = await started(other.admin, "paid");
    await pay(one.admin, "a");
    for (const id of ids) expect((await seen(one.admin, id)).state).toBe("succeeded");
    expect((await seen(other.admin, foreign)).state).toBe("running");
  });

  test("can be limited to what the event is about", async () => {
    const { admin } = await bound(
      aTenant(
        signal,
        `weft: 1
kind: automation
key: about
name: About
inputs: { id: { type: string } }
steps:
  - { id: moved, type: wait, with: { event: workflow.transitioned, subject: "{{ inputs.id }}" } }
`,
      ),
    );
    const [other, awaited] = [await started(admin, "signal", { order: "a" }), await started(admin, "signal", { order: "b" })];
    const id = await started(admin, "about", { id: awaited });
    await admin.run(fire, { id: other, transition: "send" });
    await weft.weft.worker.idle();
    expect((await seen(admin, id)).runs[0]?.steps[0]?.status).toBe("WAITING");
    await admin.run(fire, { id: awaited, transition: "send" });
    await weft.weft.worker.idle();
    expect((await seen(admin, id)).state).toBe("succeeded");
  });

  test("matches events of Weft by their type, and refuses internal ones", async () => {
    const { admin } = await bound(
      aTenant(
        signal,
        automation("moved", `  - { id: moved, type: wait, with: { event: workflow.transitioned, where: { definitionKey: signal } } }\n`),
        automation("inside", `  - { id: inside, type: wait, with: { event: workflow.notified } }\n`),
      ),
    );
    const [id, refused] = [await started(admin, "moved"), await started(admin, "inside")];
    await pay(admin, "a");
    expect((await seen(admin, id)).runs[0]?.steps[0]?.outputs).toMatchObject({
      payload: { to: "done", instanceId: matching(/^wfi_/) },
    });
    expect((await seen(admin, refused)).runs[0]?.steps[0]?.error).toMatchObject({ code: "INPUT_INVALID" });
  });
});

test("a trigger that starts an automation again whenever it completes is deactivated after a few times", { tags: "slow" }, async () => {
  const { admin } = await aTenant(automation("again", "  - { id: done, type: set, with: { values: { a: 1 } } }\n"));
  await admin.run("mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }", {
    input: { name: "Again", eventType: "run.succeeded", action: "START", definitionKey: "again" },
  });
  await started(admin, "again");
  const triggers = (): Promise<object> => admin.run("{ triggers { edges { node { isActive stopReason } } } }");
  await expect.poll(triggers, { timeout: 30_000 }).toEqual({ triggers: { edges: [{ node: { isActive: false, stopReason: "LOOP" } }] } });
});

test("waiting for a time follows the clock of a sandbox", async () => {
  const tenant = await weft.tenant("Sandbox", { isSandbox: true });
  await tenant.definition(automation("rest", `  - { id: rest, type: wait, with: { for: 3d } }\n`));
  const id = await started(tenant.admin, "rest");
  expect((await seen(tenant.admin, id)).runs[0]?.steps[0]?.status).toBe("WAITING");
  await tenant.admin.run(`mutation { advanceClock(input: { by: "P4D" }) { advance { status } } }`);
  await weft.weft.worker.idle();
  expect((await seen(tenant.admin, id)).state).toBe("succeeded");
});

test("steps emit no more events in a minute than clients can publish, and wait for the next one", async () => {
  const emits = Array.from({ length: MAX_EVENTS + 1 }, (_, at) => `  - { id: e${at}, type: emit, with: { type: custom.ping } }`);
  const { tenant, admin } = await bound(aTenant(automation("floods", `${emits.join("\n")}\n`)));
  const declare =
    'mutation { declareEventType(input: { name: "custom.ping", description: "D", payloadSchema: { properties: {} } }) { eventType { id } } }';
  const emit = 'mutation { publishEvent(input: { type: "custom.ping", payload: {} }) { eventId } }';
  await admin.run(declare);
  const [run] = (await seen(admin, await started(admin, "floods"))).runs;
  expect(run?.status).toBe("RUNNING");
  expect(run?.steps.filter(({ status }) => status === "SUCCEEDED")).toHaveLength(MAX_EVENTS);
  expect(run?.steps.at(-1)).toMatchObject({
    status: "READY",
    attempts: 0,
    error: { code: "RATE_LIMITED", message: containing(`the limit of ${MAX_EVENTS} published events per minute`) },
  });
  expect(await admin.refusal(emit)).toBe("RATE_LIMITED");
  // Others have limits of their own.
  const neighbor = await weft.tenant();
  await neighbor.admin.run(declare);
  await neighbor.admin.run(emit);
  await neighbor.definition(automation("pings", `  - { id: e, type: emit, with: { type: custom.ping } }\n`));
  expect((await seen(neighbor.admin, await started(neighbor.admin, "pings"))).state).toBe("succeeded");
  expect(tenant.id).not.toBe(neighbor.id);
});

async function publish(who: TestUser, source: string): Promise<void> {
  const { createDefinition } = await who.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
    { source },
  );
  const input = { id: createDefinition.definition.id, acceptWarnings: true };
  await who.run("mutation ($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { id } } }", { input });
}

describe("an operation of this API", () => {
  const asks = (query: string, more = ""): string =>
    automation(
      "asks",
      `  - { id: ask, type: graphql, with: { query: ${JSON.stringify(query)}${more} } }\noutputs: { data: "{{ steps.ask.outputs.data }}" }\n`,
    );
  const ran = async (who: TestUser, key = "asks"): Promise<Instance> => seen(who, await started(who, key));
  const errorOf = async (who: TestUser): Promise<Step["error"]> => (await ran(who)).runs[0]?.steps[0]?.error ?? null;

  test("runs with the rights that the owner has at that moment, and its result is the output", { tags: "slow" }, async () => {
    const { tenant, admin, user } = await bound(
      aTenant(asks("query ($id: ID!) { user(id: $id) { id } }", ', variables: { id: "{{ run.owner_id }}" }')),
    );
    const manager = await user("workflow_manager");
    for (const who of [admin, manager])
      expect(await ran(who)).toMatchObject({
        state: "succeeded",
        data: { outputs: { data: { user: { id: who.id } } } },
      });
    await tenant.definition(asks("{ webhooks(first: 1) { totalCount } }"));
    expect((await ran(admin)).state).toBe("succeeded");
    expect(await errorOf(manager)).toMatchObject({ code: "FORBIDDEN" });
  });

  test("has no right that the publisher of the definition does not have", { tags: "slow" }, async () => {
    const { tenant, admin, user } = await bound(aTenant());
    const [developer, manager] = [await user("developer"), await user("workflow_manager")];
    const source = asks(`mutation { createBuilding(input: { code: "B", name: "B" }) { building { id } } }`);
    await publish(developer, source);
    expect(await errorOf(admin)).toMatchObject({ code: "FORBIDDEN" });
    await tenant.definition(source);
    expect((await ran(admin)).state).toBe("succeeded");
    expect(await errorOf(manager)).toMatchObject({ code: "FORBIDDEN" });
  });

  test("has no right that the API key does not have with which the instance was started", async () => {
    const { admin } = await bound(aTenant(asks("{ webhooks(first: 1) { totalCount } }")));
    const narrow = await userWithKey(admin, ["workflow.start", "workflow.read"]);
    expect(await errorOf(narrow)).toMatchObject({ code: "FORBIDDEN", message: containing("webhook.read") });
    expect((await ran(await userWithKey(admin, ["workflow.start", "workflow.read", "webhook.read"]))).state).toBe("succeeded");
  });

  test("is published by users who are logged in, and waits for events by those who manage triggers", async () => {
    const { admin, user } = await bound(aTenant());
    const key = await userWithKey(admin, ["definition.create", "definition.publish", "definition.read"]);
    await expect(publish(key, asks("{ tenant { id } }"))).rejects.toThrow("API keys cannot");
    const waits = automation("waits", `  - { id: wait, type: wait, with: { event: contract.signed } }\n`);
    await expect(publish(await user("developer"), waits)).rejects.toThrow("trigger.manage");
  });

  test.each([
    ["{ tenant { nothing } }", "", 'Cannot query field "nothing" on type "Tenant"', "query"],
    ["query ($id: ID!) { user(id: $id) { id } }", "", "The variable $id must have a value", "query"],
    ["query ($id: ID!) { user(id: $id) { id } }", ", variables: { id: [1] }", "ID cannot represent", "variables.id"],
    [
      `mutation { ...keys } fragment keys on Mutation { createApiKey(input: { name: "a" }) { secret } }`,
      "",
      "A run cannot use createApiKey",
      "query",
    ],
    [`mutation { completeTask(input: { id: "tsk_1", transition: "done" }) { task { id } } }`, "", "A run cannot use completeTask", "query"],
    ["{ sessions { edges { node { id } } } }", "", "A run cannot use sessions", "query"],
  ])("is refused when the definition is saved, if it cannot run: %s", async (query, variables, message, member) => {
    const { admin } = await bound(aTenant());
    const { errors } = await admin.send(
      "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
      {
        source: asks(query, variables),
      },
    );
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "DEFINITION_INVALID",
      problems: [{ path: `steps[0].with.${member}`, line: 6, message: containing(message) }],
    });
  });

  test("and events are what the tenant has, or publishing warns", async () => {
    const { admin } = await bound(aTenant(signal));
    const source = automation(
      "events",
      [
        "  - { id: a, type: emit, with: { type: custom.order.paid } }",
        ...["order.paid", "order.payed", "contract.sined"].map(
          (event) => `  - { id: ${event.replace(".", "-")}, type: wait, with: { event: ${event} } }`,
        ),
      ].join("\n"),
    );
    const { validateDefinition } = await admin.run<{ validateDefinition: object }>(
      "query ($source: String!) { validateDefinition(source: $source) { isValid warnings { code path line message } } }",
      { source },
    );
    expect(validateDefinition).toMatchObject({
      isValid: true,
      warnings: [
        { code: "UNKNOWN_EVENT", path: "steps[0].with.type", line: 6, message: containing("Declare it") },
        { code: "UNKNOWN_EVENT", path: "steps[2].with.event", line: 8, message: containing("order.payed") },
        { code: "UNKNOWN_EVENT", path: "steps[3].with.event", line: 9, message: containing('Did you mean "contract.signed"?') },
      ],
    });
  });

  test("starts itself again only a few times, because each of its runs ends", { tags: "slow", timeout: 60_000 }, async () => {
    const { admin } = await bound(aTenant(asks('mutation { startWorkflow(input: { definitionKey: "asks" }) { instance { id } } }')));
    await started(admin, "asks");
    const states = async (): Promise<string[]> => {
      const { workflowInstances } = await admin.run<{ workflowInstances: { edges: { node: { state: string } }[] } }>(
        "{ workflowInstances(first: 50) { edges { node { state } } } }",
      );
      return workflowInstances.edges.map(({ node }) => node.state).toSorted();
    };
    await expect.poll(states, { timeout: 50_000 }).toEqual(["failed", ...Array.from({ length: 8 }, () => "succeeded")]);
    const { runs } = await admin.run<{ runs: { edges: { node: { steps: Step[] } }[] } }>(
      "{ runs(filter: { status: { eq: FAILED } }, first: 5) { edges { node { steps { step status attempts outputs error { code message } } } } } }",
    );
    expect(runs.edges).toMatchObject([
      { node: { steps: [{ error: { code: "WORKFLOW_LIMIT", message: containing("8 runs have started each other") } }] } },
    ]);
  });

  test(
    "that lets a trigger start its automation again does so only a few times, and the trigger is deactivated",
    { tags: "slow" },
    async () => {
      const { admin } = await bound(aTenant(asks('mutation { publishEvent(input: { type: "custom.ping", payload: {} }) { eventId } }')));
      await admin.run(
        'mutation { declareEventType(input: { name: "custom.ping", description: "D", payloadSchema: { properties: {} } }) { eventType { id } } }',
      );
      await admin.run("mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }", {
        input: {
          name: "Again",
          eventType: "custom.published",
          condition: 'payload.name == "custom.ping"',
          action: "START",
          definitionKey: "asks",
        },
      });
      await started(admin, "asks");
      const triggers = (): Promise<object> => admin.run("{ triggers { edges { node { isActive stopReason } } } }");
      await expect
        .poll(triggers, { timeout: 30_000 })
        .toEqual({ triggers: { edges: [{ node: { isActive: false, stopReason: "LOOP" } }] } });
      await weft.weft.worker.idle();
      const { workflowInstances } = await admin.run<{ workflowInstances: { edges: object[] } }>(
        "{ workflowInstances(first: 50) { edges { node { state } } } }",
      );
      expect(workflowInstances.edges).toHaveLength(4);
    },
  );

  test("is answered whatever request ID a client has given to the start of its instance", async () => {
    const { admin } = await bound(
      aTenant(signal, asks('mutation { startWorkflow(input: { definitionKey: "signal" }) { instance { id } } }')),
    );
    const response = await fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${admin.token}`, "x-request-id": "run_abc12345" },
      body: JSON.stringify({ query: start, variables: { key: "asks" } }),
    });
    const { data } = (await response.json()) as { data: { startWorkflow: { instance: { id: string } } } };
    await weft.weft.worker.idle();
    expect((await seen(admin, data.startWorkflow.instance.id)).state).toBe("succeeded");
  });

  test("changes something as its owner, and the audit trail names the owner and the run", async () => {
    const { tenant, admin } = await bound(
      aTenant(signal, asks(`mutation { startWorkflow(input: { definitionKey: "signal", data: { order: "a" } }) { instance { id } } }`)),
    );
    const instance = await ran(admin);
    const { data } = instance.data["outputs"] as { data: { startWorkflow: { instance: { id: string } } } };
    const { id } = data.startWorkflow.instance;
    const entry = await tenant.admin.run<{ workflowInstance: { auditTrail: { edges: unknown[] } } }>(
      "query ($id: ID!) { workflowInstance(id: $id) { auditTrail(first: 1) { edges { node { action requestId actor { id } } } } } }",
      { id },
    );
    expect(entry.workflowInstance.auditTrail.edges).toMatchObject([
      { node: { action: "workflow.start", requestId: matching(/^run_/), actor: { id: admin.id } } },
    ]);
  });
});

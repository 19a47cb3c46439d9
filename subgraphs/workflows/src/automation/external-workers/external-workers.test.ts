import { channels } from "@weft/shared/event-catalog";
import { brokenInvariants, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import {
  aWorker,
  automation,
  becomes,
  type ExternalWorker,
  invoiceDefinition,
  type Leased,
  type Report,
  runOf,
  sending,
  sendStep,
  started,
} from "@weft/testkit/tenants/external-worker";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

async function aTenant(...definitions: readonly string[]): Promise<{ tenant: TestTenant; worker: ExternalWorker }> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return { tenant, worker: await aWorker(tenant) };
}

test("a step waits for an external worker, which gets its input, and its outputs are those of the step", async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  const id = await started(tenant.admin, "invoice", { invoice: 7 });
  const step = await worker.takeOne("send");
  expect(step).toMatchObject({
    step: "send",
    task: "send",
    input: { invoice: 7 },
    attempt: 1,
    isCompensation: false,
    instanceId: id,
    timeoutSeconds: 3600,
  });
  expect(step.idempotencyKey).toBe(`${step.runId}-send`);
  expect((await runOf(tenant.admin, id)).steps).toMatchObject([{ status: "RUNNING", attempts: 1 }]);
  expect(await worker.complete(step, { receipt: "r1" })).toBe("SUCCEEDED");
  const run = await becomes(tenant.admin, id, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
  expect(run).toMatchObject({ outputs: { receipt: "r1" }, steps: [{ status: "SUCCEEDED", outputs: { receipt: "r1" } }] });
});

test("workers of Weft leave the step alone, however long it waits", async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  const id = await started(tenant.admin, "invoice");
  await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
  await owner`update workflows.run_steps set offered_at = offered_at - interval '3 days' where tenant_id = ${tenant.id}`;
  await weft.weft.services.pubsub.publish(channels.runs, "");
  await weft.weft.worker.idle();
  expect((await runOf(tenant.admin, id)).steps).toMatchObject([{ status: "READY", attempts: 0 }]);
  expect((await worker.takeOne("send")).attempt).toBe(1);
});

test("a worker that waits gets a step as soon as it is offered", async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  await started(tenant.admin, "invoice");
  await worker.complete(await worker.takeOne("send"));
  const waiting = worker.take("send", { waitSeconds: 10 });
  await started(tenant.admin, "invoice", { invoice: 2 });
  expect(await waiting).toMatchObject([{ input: { invoice: 2 } }]);
});

test("two workers never get the same step", { tags: "slow" }, async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  const others = [worker, await aWorker(tenant), await aWorker(tenant)];
  for (let n = 0; n < 12; n++) await started(tenant.admin, "invoice", { invoice: n });
  const taken: Leased[] = [];
  await until(
    async () => {
      const rounds = await Promise.all([...others, ...others].map((one) => one.take("send", { max: 3 })));
      taken.push(...rounds.flat());
      return taken.length >= 12;
    },
    { what: "all steps are taken" },
  );
  expect(taken.map(({ input }) => input["invoice"]).toSorted((a, b) => Number(a) - Number(b))).toEqual([...Array(12).keys()]);
});

test("a worker gets the steps of its tasks only, those with a higher priority first", async () => {
  const { tenant, worker } = await aTenant(
    invoiceDefinition,
    sending("urgent", "", "priority: high\n"),
    automation("other", "  - { id: other, type: worker, with: { task: print } }\n"),
  );
  const ids = [
    await started(tenant.admin, "other"),
    await started(tenant.admin, "invoice"),
    await started(tenant.admin, "urgent", { invoice: 99 }),
  ];
  for (const id of ids) await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
  expect((await worker.take("send", { max: 10 })).map(({ input }) => input["invoice"])).toEqual([99, 1]);
  expect(await worker.take("send")).toEqual([]);
  expect(await worker.take("print")).toMatchObject([{ input: {} }]);
});

test("a failure is tried again as the step says, and its code decides", async () => {
  const { tenant, worker } = await aTenant(sending("retried", "retry: { attempts: 3, delay: 1s, max_delay: 1s, on: [BROKEN] }"));
  const id = await started(tenant.admin, "retried");
  expect(await worker.fail(await worker.takeOne("send"))).toBe("FAILED");
  expect((await runOf(tenant.admin, id)).steps).toMatchObject([{ status: "READY", error: { code: "BROKEN" } }]);
  // It waits for the delay.
  expect(await worker.take("send")).toEqual([]);
  await owner`update workflows.run_steps set offered_at = clock_timestamp(), not_before = clock_timestamp() where tenant_id = ${tenant.id}`;
  const second = await worker.takeOne("send");
  expect(second.attempt).toBe(2);
  await worker.fail(second, { code: "GONE", message: "It is gone." });
  const run = await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
  expect(run.steps).toMatchObject([{ status: "FAILED", error: { code: "GONE", message: "It is gone." } }]);
  const { run: logged } = await tenant.admin.run<{ run: { logs: { edges: { node: { text: string } }[] } } }>(
    "query ($id: ID!) { run(id: $id) { logs(first: 10) { edges { node { text } } } } }",
    { id: run.id },
  );
  expect(logged.logs.edges.map(({ node }) => node.text)).toEqual([
    "Attempt 1 failed (BROKEN): It is broken.",
    "Attempt 2 failed (GONE): It is gone.",
  ]);
});

test("a failure that is not retryable is final", async () => {
  const { tenant, worker } = await aTenant(sending("final", "retry: 3"));
  const id = await started(tenant.admin, "final");
  expect(await worker.fail(await worker.takeOne("send"), { isRetryable: false })).toBe("FAILED");
  await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
});

test("outputs that are too large are refused, and the worker can still report a failure", async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  const id = await started(tenant.admin, "invoice");
  const step = await worker.takeOne("send");
  const outputs = { text: "x".repeat(300_000) };
  expect(await worker.refusal("completeStep", { lease: step.lease, outputs })).toBe("BAD_USER_INPUT");
  expect(await worker.fail(step, { code: "OUTPUT_INVALID", isRetryable: false })).toBe("FAILED");
  const run = await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
  expect(run.steps[0]?.error?.code).toBe("OUTPUT_INVALID");
});

test("the cancellation of a run reaches the worker with its next heartbeat, and the released step ends", async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  const id = await started(tenant.admin, "invoice");
  const step = await worker.takeOne("send");
  expect(await worker.extend(step)).toMatchObject([{ end: null, expiresAt: expect.any(String) as string }]);
  await tenant.admin.run("mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }", { id: step.runId });
  expect(await worker.extend(step)).toMatchObject([{ end: "CANCELLED", expiresAt: null }]);
  expect(await worker.call<{ reports: Report[] }>("releaseSteps", { leases: [step.lease] })).toMatchObject({
    reports: [{ status: "RELEASED" }],
  });
  expect((await becomes(tenant.admin, id, "the run is canceled", ({ status }) => status === "CANCELLED")).steps).toMatchObject([
    { status: "CANCELLED" },
  ]);
});

test("a released step is offered again at once, and its attempt does not count as lost", async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  await started(tenant.admin, "invoice");
  for (let n = 1; n <= 4; n++) {
    const step = await worker.takeOne("send");
    expect(step.attempt).toBe(n);
    await worker.call("releaseSteps", { leases: [step.lease] });
  }
});

test("the work that undoes a step is offered to workers, too", async () => {
  const { tenant, worker } = await aTenant(
    automation(
      "undone",
      `  - id: book
    type: worker
    with: { task: book }
    compensate: { type: worker, with: { task: unbook, input: { ticket: "{{ steps.book.outputs.ticket }}" } } }
  - { id: check, type: assert, depends_on: [book], with: { that: false, message: "No." }, on_failure: { then: compensate } }
`,
    ),
  );
  const id = await started(tenant.admin, "undone");
  await worker.complete(await worker.takeOne("book"), { ticket: "b1" });
  const undo = await worker.takeOne("unbook");
  expect(undo).toMatchObject({ step: "book", isCompensation: true, input: { ticket: "b1" }, attempt: 1 });
  expect(undo.idempotencyKey).toMatch(/-book-undo$/);
  expect(await worker.extend(undo)).toMatchObject([{ end: null }]);
  expect(await worker.complete(undo)).toBe("SUCCEEDED");
  await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
});

describe("a report that asks for what follows", () => {
  const chain = (key: string, rest = ""): string =>
    automation(
      key,
      `  - { id: first, type: worker, with: { task: send } }
  - { id: second, type: worker, with: { task: send, input: { of: "{{ steps.first.outputs.receipt }}" } } }
  - { id: third, type: worker, with: { task: print } }
`,
      rest,
    );
  type Completed = { readonly reports: readonly Report[]; readonly steps: readonly Leased[] };
  const next = { tasks: ["send"], max: 5 };
  const report = (worker: ExternalWorker, { lease }: Leased, more: object = { next }): Promise<Completed> =>
    worker.call<Completed>("completeSteps", { steps: [{ lease, outputs: { receipt: 7 } }], ...more });

  test("takes the next step of the run, if it is of its tasks", async () => {
    const { tenant, worker } = await aTenant(chain("chain"));
    const id = await started(tenant.admin, "chain");
    const [second, ...others] = (await report(worker, await worker.takeOne("send"))).steps;
    expect([second?.step, second?.input, others]).toEqual(["second", { of: 7 }, []]);
    expect(await worker.take("send")).toEqual([]);
    if (second) expect((await report(worker, second)).steps).toEqual([]);
    await worker.complete(await worker.takeOne("print"));
    await becomes(tenant.admin, id, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
  });

  test("takes the same steps when it is repeated, because the answer can be lost, and none that has been reported", async () => {
    const { tenant, worker } = await aTenant(chain("again"));
    const id = await started(tenant.admin, "again");
    const first = await worker.takeOne("send");
    const lost = await report(worker, first);
    await report(worker, first);
    const repeated = await report(worker, first);
    expect(repeated).toMatchObject({ reports: [{ lease: first.lease, status: "SUCCEEDED" }], steps: [{ step: "second" }] });
    const [before, now] = [lost.steps[0], repeated.steps[0]];
    if (!before || !now) throw new Error("The step was not taken.");
    expect(await report(worker, before)).toEqual({ reports: [{ lease: before.lease, status: "RELEASED" }], steps: [] });
    expect((await report(worker, now)).reports).toEqual([{ lease: now.lease, status: "SUCCEEDED" }]);
    expect((await report(worker, first)).steps).toEqual([]);
    await worker.complete(await worker.takeOne("print"));
    await becomes(tenant.admin, id, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
  });

  test("takes nothing if its lease is over, or is that of somebody else", async () => {
    const { tenant, worker } = await aTenant(chain("over"));
    const other = await aWorker(tenant);
    await started(tenant.admin, "over");
    const first = await worker.takeOne("send");
    expect(await report(other, first)).toEqual({ reports: [{ lease: first.lease, status: "STALE" }], steps: [] });
    await worker.call("releaseSteps", { leases: [first.lease] });
    expect((await report(worker, first)).steps).toEqual([]);
    const again = await other.takeOne("send");
    expect(again).toMatchObject({ step: "first", attempt: 2 });
    await other.complete(again, { receipt: 7 });
    await becomes(tenant.admin, again.instanceId, "the second step is offered", ({ steps }) => steps[1]?.status === "READY");
    expect((await report(worker, first)).steps).toEqual([]);
    expect((await other.takeOne("send")).step).toBe("second");
  });

  test("takes nothing while another step has waited for longer than ten seconds", async () => {
    const { tenant, worker } = await aTenant(chain("fair"), chain("waiting"));
    await started(tenant.admin, "fair");
    const first = await worker.takeOne("send");
    const waiting = await started(tenant.admin, "waiting");
    await becomes(tenant.admin, waiting, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
    await owner`update workflows.run_steps set offered_at = offered_at - interval '11 seconds' where tenant_id = ${tenant.id} and offered_task = 'send'`;
    expect((await report(worker, first)).steps).toEqual([]);
    expect((await worker.takeOne("send")).instanceId).toBe(waiting);
  });

  test("takes at most as many steps as it says", async () => {
    const { tenant, worker } = await aTenant(
      automation(
        "fan",
        `  - { id: first, type: worker, with: { task: send } }
${["one", "two", "three"].map((step) => `  - { id: ${step}, type: worker, depends_on: [first], with: { task: send } }`).join("\n")}
`,
      ),
    );
    await started(tenant.admin, "fan");
    const { steps } = await report(worker, await worker.takeOne("send"), { next: { ...next, max: 2 } });
    expect(steps.map(({ step }) => step)).toEqual(["one", "two"]);
    expect((await worker.takeOne("send")).step).toBe("three");
  });

  test("leaves a step of a queue to those that wait in it", async () => {
    const { tenant, worker } = await aTenant(chain("queued-chain", "queue: { name: line, limit: 5 }\n"));
    await started(tenant.admin, "queued-chain");
    expect((await report(worker, await worker.takeOne("send"))).steps).toEqual([]);
    expect((await worker.takeOne("send")).step).toBe("second");
  });

  test("takes nothing of a paused run", async () => {
    const { tenant, worker } = await aTenant(chain("paused-chain"));
    const id = await started(tenant.admin, "paused-chain");
    const first = await worker.takeOne("send");
    await tenant.admin.run("mutation ($id: ID!) { pauseRun(input: { id: $id }) { run { id } } }", {
      id: (await runOf(tenant.admin, id)).id,
    });
    expect((await report(worker, first)).steps).toEqual([]);
    expect(await worker.take("send")).toEqual([]);
  });

  test("is refused if what it asks for makes no sense, and nothing is recorded", async () => {
    const { tenant, worker } = await aTenant(chain("senseless"));
    await started(tenant.admin, "senseless");
    const first = await worker.takeOne("send");
    const { errors } = await worker.user.send<unknown>(
      "mutation ($input: CompleteStepsInput!) { completeSteps(input: $input) { steps { lease } } }",
      { input: { steps: [{ lease: first.lease }], next: { tasks: ["No Task"], max: 0, leaseSeconds: 1 } } },
    );
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.next.tasks[0]" }, { path: "input.next.max" }, { path: "input.next.leaseSeconds" }],
    });
    expect(await worker.complete(first)).toBe("SUCCEEDED");
  });
});

test("each item of a list is a step, as many at the same time as the list allows", async () => {
  const { tenant, worker } = await aTenant(
    automation(
      "each",
      `  - id: send
    type: worker
    for_each: { in: inputs.ids, as: item, concurrency: 2 }
    with: { task: send, input: { id: "{{ item }}" } }
`,
      "inputs: { ids: { type: array, items: { type: integer } } }\n",
    ),
  );
  const id = await started(tenant.admin, "each", { ids: [1, 2, 3] });
  await becomes(tenant.admin, id, "the items are offered", ({ steps }) => steps.filter(({ status }) => status === "READY").length >= 2);
  const first = await worker.take("send", { max: 10 });
  expect(first.map(({ input, step }) => [step, input["id"]])).toEqual([
    ["send[0]", 1],
    ["send[1]", 2],
  ]);
  const { reports } = await worker.call<{ reports: Report[] }>("completeSteps", {
    steps: first.map(({ lease }) => ({ lease, outputs: {} })),
  });
  expect(reports.map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  await worker.complete(await worker.takeOne("send"));
  await becomes(tenant.admin, id, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
});

test("steps of a queue with a limit are taken one after the other", async () => {
  const { tenant, worker } = await aTenant(sending("queued", "", "queue: { name: printer, limit: 1 }\n"));
  const ids = [await started(tenant.admin, "queued"), await started(tenant.admin, "queued")];
  for (const id of ids) await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
  const [first, ...others] = await worker.take("send", { max: 10 });
  expect(others).toEqual([]);
  expect(await worker.take("send")).toEqual([]);
  if (first) await worker.complete(first);
  expect(await worker.take("send")).toHaveLength(1);
});

test("a worker step that nobody takes leaves the room of its run to others", async () => {
  const { tenant } = await aTenant(
    automation(
      "roomy",
      `${sendStep.replace("inputs.invoice", "run.id")}  - { id: note, type: graphql, depends_on: [], with: { query: "{ tenant { id } }" } }\n`,
      "concurrency: 1\n",
    ),
  );
  const id = await started(tenant.admin, "roomy");
  const run = await becomes(tenant.admin, id, "the other step has ended", ({ steps }) =>
    steps.some((one) => one.id === "note" && one.status === "SUCCEEDED"),
  );
  expect(run.steps.find((one) => one.id === "send")?.status).toBe("READY");
});

test("lines of the worker are in the log of the run once, without secrets, however often they are sent", async () => {
  const { tenant, worker } = await aTenant();
  await tenant.admin.run("mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }", {
    input: { name: "token", value: "very-secret-value" },
  });
  await tenant.definition(
    automation(
      "logged",
      `${sendStep.replace("inputs.invoice", "run.id")}  - { id: later, type: http, depends_on: [send], with: { url: "https://example.com", headers: { a: "{{ secrets.token }}" } } }\n`,
    ),
  );
  const id = await started(tenant.admin, "logged");
  const { lease } = await worker.takeOne("send");
  const lines = [{ text: "one very-secret-value" }, { text: "two", stream: "STDERR" }];
  for (const offset of [0, 0]) expect(await worker.call("appendStepLog", { lease, lines, offset })).toEqual({ lines: 2 });
  expect(await worker.call("appendStepLog", { lease, lines: [...lines.slice(1), { text: "three" }], offset: 1 })).toEqual({ lines: 3 });
  const run = await runOf(tenant.admin, id);
  const { run: logged } = await tenant.admin.run<{ run: { logs: { edges: { node: object }[] } } }>(
    "query ($id: ID!) { run(id: $id) { logs(first: 10) { edges { node { step attempt stream text } } } } }",
    { id: run.id },
  );
  expect(logged.logs.edges.map(({ node }) => node)).toEqual([
    { step: "send", attempt: 1, stream: "STDOUT", text: "one [secret token]" },
    { step: "send", attempt: 1, stream: "STDERR", text: "two" },
    { step: "send", attempt: 1, stream: "STDOUT", text: "three" },
  ]);
  await worker.complete({ lease }, { said: "very-secret-value" });
  expect((await runOf(tenant.admin, id)).steps[0]?.outputs).toEqual({ said: "[secret token]" });
});

test("a paused run offers nothing until it is resumed", async () => {
  const { tenant, worker } = await aTenant(invoiceDefinition);
  const id = await started(tenant.admin, "invoice");
  const { id: runId } = await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
  await tenant.admin.run("mutation ($id: ID!) { pauseRun(input: { id: $id }) { run { id } } }", { id: runId });
  expect(await worker.take("send")).toEqual([]);
  await tenant.admin.run("mutation ($id: ID!) { resumeRun(input: { id: $id }) { run { id } } }", { id: runId });
  expect(await worker.takeOne("send")).toMatchObject({ attempt: 1 });
});

test.each([
  ["secrets", '{ task: send, input: { key: "{{ secrets.token }}" } }', "steps[0].with.input.key"],
  ["a task with expressions", '{ task: "{{ run.id }}" }', "steps[0].with.task"],
  ["a task that is not a name", "{ task: Send invoice }", "steps[0].with.task"],
])("a definition with %s is refused", async (_what, input, path) => {
  const tenant = await weft.tenant();
  await expect(tenant.definition(automation("refused", `  - { id: send, type: worker, with: ${input} }\n`))).rejects.toThrow(path);
});

test("afterwards every invariant holds", async () => {
  await weft.weft.worker.idle();
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

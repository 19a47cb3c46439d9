import { channels } from "@weft/shared";
import { startTestWeft, userWithKey, type TestTenant, type TestWeft, until } from "@weft/testkit";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  aWorker,
  automation,
  becomes,
  ExternalWorker,
  type Leased,
  type Report,
  runOf,
  started,
  type Taken,
  uuidOfRun,
} from "@weft/testkit/tenants/external-worker";

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It lets leases be over." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const send = `  - id: send
    type: worker
    with: { task: send, input: { invoice: "{{ inputs.invoice }}" } }
`;
const invoice = automation(
  "invoice",
  send,
  "inputs: { invoice: { type: integer, default: 1 } }\noutputs: { receipt: '{{ steps.send.outputs.receipt }}' }\n",
);

async function aTenant(...definitions: readonly string[]): Promise<{ tenant: TestTenant; worker: ExternalWorker }> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return { tenant, worker: await aWorker(tenant) };
}

/** Lets the lease of a step be over, and wakes the workers of Weft. */
async function expire(step: Leased, change: "lease" | "attempt" = "lease"): Promise<void> {
  const started = change === "attempt" ? owner`, attempt_started_at = clock_timestamp() - interval '2 hours'` : owner``;
  await owner`update workflows.run_steps set due_at = clock_timestamp() ${started} where run_id = ${uuidOfRun(step)} and step = ${step.step}`;
  await weft.weft.services.pubsub.publish(channels.runs, "");
}

test("a step waits for an external worker, which gets its input, and its outputs are those of the step", async () => {
  const { tenant, worker } = await aTenant(invoice);
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
  const { tenant, worker } = await aTenant(invoice);
  const id = await started(tenant.admin, "invoice");
  await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
  await owner`update workflows.run_steps set offered_at = offered_at - interval '3 days' where tenant_id = ${tenant.id}`;
  await weft.weft.services.pubsub.publish(channels.runs, "");
  await weft.weft.worker.idle();
  expect((await runOf(tenant.admin, id)).steps).toMatchObject([{ status: "READY", attempts: 0 }]);
  expect((await worker.takeOne("send")).attempt).toBe(1);
});

test("a worker that waits gets a step as soon as it is offered, and holds no connection meanwhile", async () => {
  const { tenant, worker } = await aTenant(invoice);
  await started(tenant.admin, "invoice");
  await worker.complete(await worker.takeOne("send"));
  const waiting = worker.take("send", { waitSeconds: 10 });
  await started(tenant.admin, "invoice", { invoice: 2 });
  expect(await waiting).toMatchObject([{ input: { invoice: 2 } }]);
});

test("two workers never get the same step", async () => {
  const { tenant, worker } = await aTenant(invoice);
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
    invoice,
    automation("urgent", send.replace('invoice: "{{ inputs.invoice }}"', "invoice: 99"), "priority: high\n"),
    automation("other", "  - { id: other, type: worker, with: { task: print } }\n"),
  );
  const ids = [await started(tenant.admin, "other"), await started(tenant.admin, "invoice"), await started(tenant.admin, "urgent")];
  for (const id of ids) await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
  expect((await worker.take("send", { max: 10 })).map(({ input }) => input["invoice"])).toEqual([99, 1]);
  expect(await worker.take("send")).toEqual([]);
  expect(await worker.take("print")).toMatchObject([{ input: {} }]);
});

describe("if the lease is over,", () => {
  test("another worker gets the step, and the result of the first one is refused without an effect", async () => {
    const { tenant, worker } = await aTenant(invoice);
    const id = await started(tenant.admin, "invoice");
    const lost = await worker.takeOne("send");
    await expire(lost);
    const other = await aWorker(tenant);
    const taken = await other.takeOne("send");
    expect(taken).toMatchObject({ attempt: 2, idempotencyKey: lost.idempotencyKey });
    expect(await worker.refusal("completeStep", { lease: lost.lease, outputs: { receipt: "late" } })).toBe("CONFLICT");
    expect(await worker.refusal("failStep", { lease: lost.lease, code: "LATE", message: "Late." })).toBe("CONFLICT");
    expect(await worker.refusal("appendStepLog", { lease: lost.lease, lines: [{ text: "late" }] })).toBe("CONFLICT");
    expect(await worker.extend(lost)).toMatchObject([{ expiresAt: null, end: "LOST" }]);
    expect((await runOf(tenant.admin, id)).steps).toMatchObject([{ status: "RUNNING", attempts: 2 }]);
    expect(await other.complete(taken, { receipt: "r2" })).toBe("SUCCEEDED");
    expect((await becomes(tenant.admin, id, "the run has succeeded", ({ status }) => status === "SUCCEEDED")).outputs).toEqual({
      receipt: "r2",
    });
  });

  test("three times, the step waits until somebody decides", async () => {
    const { tenant, worker } = await aTenant(invoice);
    const id = await started(tenant.admin, "invoice");
    for (let n = 0; n < 3; n++) await expire(await worker.takeOne("send"));
    const run = await becomes(tenant.admin, id, "the step is parked", ({ steps }) => steps[0]?.isParked === true);
    expect(run.steps).toMatchObject([{ error: { code: "WORKER_LOST" } }]);
    expect(await worker.take("send")).toEqual([]);
  });

  test("because the attempt has taken longer than its timeout, it has failed", async () => {
    const { tenant, worker } = await aTenant(automation("slow", `${send.replace("inputs.invoice", "run.id")}    timeout: 1h\n`));
    const id = await started(tenant.admin, "slow");
    await expire(await worker.takeOne("send"), "attempt");
    const run = await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
    expect(run.steps).toMatchObject([
      { status: "FAILED", error: { code: "TIMEOUT", message: "The attempt did not end within 3600 seconds." } },
    ]);
  });

  test("it was not extended beyond the timeout", async () => {
    const { tenant, worker } = await aTenant(automation("short", `${send.replace("inputs.invoice", "run.id")}    timeout: 20s\n`));
    await started(tenant.admin, "short");
    const before = Date.now();
    const step = await worker.takeOne("send", { leaseSeconds: 3600 });
    const [lease] = await worker.extend(step);
    for (const at of [step.expiresAt, lease?.expiresAt ?? ""]) expect(Date.parse(at) - before).toBeLessThan(25_000);
    expect(lease?.end).toBeNull();
  });
});

test("a failure is tried again as the step says, and its code decides", async () => {
  const { tenant, worker } = await aTenant(
    automation(
      "retried",
      `${send.replace("inputs.invoice", "run.id")}    retry: { attempts: 3, delay: 1s, max_delay: 1s, on: [BROKEN] }\n`,
    ),
  );
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
  const { tenant, worker } = await aTenant(automation("final", `${send.replace("inputs.invoice", "run.id")}    retry: 3\n`));
  const id = await started(tenant.admin, "final");
  expect(await worker.fail(await worker.takeOne("send"), { isRetryable: false })).toBe("FAILED");
  await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
});

test("outputs that are too large are refused, and the worker can still report a failure", async () => {
  const { tenant, worker } = await aTenant(invoice);
  const id = await started(tenant.admin, "invoice");
  const step = await worker.takeOne("send");
  const outputs = { text: "x".repeat(300_000) };
  expect(await worker.refusal("completeStep", { lease: step.lease, outputs })).toBe("BAD_USER_INPUT");
  expect(await worker.fail(step, { code: "OUTPUT_INVALID", isRetryable: false })).toBe("FAILED");
  const run = await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
  expect(run.steps[0]?.error?.code).toBe("OUTPUT_INVALID");
});

test("the cancellation of a run reaches the worker with its next heartbeat, and the released step ends", async () => {
  const { tenant, worker } = await aTenant(invoice);
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
  const { tenant, worker } = await aTenant(invoice);
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
  const { tenant, worker } = await aTenant(
    automation("queued", send.replace("inputs.invoice", "run.id"), "queue: { name: printer, limit: 1 }\n"),
  );
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
      `${send.replace("inputs.invoice", "run.id")}  - { id: note, type: graphql, depends_on: [], with: { query: "{ tenant { id } }" } }\n`,
      "concurrency: 1\n",
    ),
  );
  const id = await started(tenant.admin, "roomy");
  const run = await becomes(tenant.admin, id, "the other step has ended", ({ steps }) =>
    steps.some((one) => one.id === "note" && one.status === "SUCCEEDED"),
  );
  expect(run.steps.find((one) => one.id === "send")?.status).toBe("READY");
});

describe("if the answer to a report was lost,", () => {
  test("the same report gets the same answer, and nothing happens twice", async () => {
    const { tenant, worker } = await aTenant(invoice);
    const id = await started(tenant.admin, "invoice");
    const step = await worker.takeOne("send");
    const input = { steps: [{ lease: step.lease, outputs: { receipt: "once" } }] };
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(await worker.call<{ reports: Report[] }>("completeSteps", input));
    for (const { reports } of answers) expect(reports).toEqual([{ lease: step.lease, status: "SUCCEEDED" }]);
    // What was recorded stays, whatever is reported now.
    expect(await worker.complete(step, { receipt: "twice" })).toBe("SUCCEEDED");
    expect(await worker.fail(step)).toBe("SUCCEEDED");
    expect((await runOf(tenant.admin, id)).outputs).toEqual({ receipt: "once" });
    expect(await worker.extend(step)).toMatchObject([{ end: "REPORTED" }]);
  });

  test("calls at the same time get the same answer", async () => {
    const { tenant, worker } = await aTenant(invoice);
    const id = await started(tenant.admin, "invoice");
    const step = await worker.takeOne("send");
    const answers = await Promise.all(["a", "b", "c", "d"].map((receipt) => worker.complete(step, { receipt })));
    expect(answers).toEqual(Array(4).fill("SUCCEEDED"));
    const [event] = await owner<{ count: number }[]>`
      select count(*)::int as count from events.log where tenant_id = ${tenant.id} and type = 'run.succeeded'`;
    expect([event?.count, (await runOf(tenant.admin, id)).status]).toEqual([1, "SUCCEEDED"]);
  });

  test("the report of an attempt that another one has followed gets its answer, too", async () => {
    const { tenant, worker } = await aTenant(
      automation("again", `${send.replace("inputs.invoice", "run.id")}    retry: { attempts: 3, delay: 1s }\n`),
    );
    await started(tenant.admin, "again");
    const first = await worker.takeOne("send");
    await worker.fail(first);
    await owner`update workflows.run_steps set offered_at = clock_timestamp(), not_before = clock_timestamp() where tenant_id = ${tenant.id}`;
    await worker.complete(await worker.takeOne("send"));
    expect(await worker.fail(first)).toBe("FAILED");
  });

  test("in a batch, what is over is stale, and the rest is recorded", async () => {
    const { tenant, worker } = await aTenant(invoice);
    const ids = [await started(tenant.admin, "invoice"), await started(tenant.admin, "invoice")];
    const [lost, kept] = [await worker.takeOne("send"), await worker.takeOne("send")];
    await expire(lost);
    await until(async () => (await worker.extend(lost))[0]?.end === "LOST", { what: "the lease is lost" });
    const steps = [lost, kept].map(({ lease }) => ({ lease }));
    const { reports } = await worker.call<{ reports: Report[] }>("completeSteps", { steps });
    expect(reports.map(({ status }) => status)).toEqual(["STALE", "SUCCEEDED"]);
    expect((await Promise.all(ids.map((id) => runOf(tenant.admin, id)))).map(({ status }) => status).toSorted()).toEqual([
      "RUNNING",
      "SUCCEEDED",
    ]);
  });
});

test("lines of the worker are in the log of the run once, without secrets, however often they are sent", async () => {
  const { tenant, worker } = await aTenant();
  await tenant.admin.run("mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }", {
    input: { name: "token", value: "very-secret-value" },
  });
  await tenant.definition(
    automation(
      "logged",
      `${send.replace("inputs.invoice", "run.id")}  - { id: later, type: http, depends_on: [send], with: { url: "https://example.com", headers: { a: "{{ secrets.token }}" } } }\n`,
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
  const { tenant, worker } = await aTenant(invoice);
  const id = await started(tenant.admin, "invoice");
  const { id: runId } = await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
  await tenant.admin.run("mutation ($id: ID!) { pauseRun(input: { id: $id }) { run { id } } }", { id: runId });
  expect(await worker.take("send")).toEqual([]);
  await tenant.admin.run("mutation ($id: ID!) { resumeRun(input: { id: $id }) { run { id } } }", { id: runId });
  expect(await worker.takeOne("send")).toMatchObject({ attempt: 1 });
});

describe("another tenant", () => {
  test("sees none of the steps, and cannot use the leases", async () => {
    const { tenant, worker } = await aTenant(invoice);
    const { worker: stranger } = await aTenant(invoice);
    const id = await started(tenant.admin, "invoice");
    await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
    expect(await stranger.take("send", { max: 10 })).toEqual([]);
    const { lease } = await worker.takeOne("send");
    expect(await stranger.extend({ lease })).toMatchObject([{ end: "LOST", expiresAt: null }]);
    expect(await stranger.refusal("completeStep", { lease })).toBe("CONFLICT");
    expect(await stranger.refusal("appendStepLog", { lease, lines: [{ text: "x" }] })).toBe("CONFLICT");
    const { reports } = await stranger.call<{ reports: Report[] }>("completeSteps", { steps: [{ lease }] });
    expect(reports).toEqual([{ lease, status: "STALE" }]);
    expect(await worker.complete({ lease })).toBe("SUCCEEDED");
  });
});

describe("only", () => {
  test("the service account that has taken a step can report on it", async () => {
    const { tenant, worker } = await aTenant(invoice);
    await started(tenant.admin, "invoice");
    const step = await worker.takeOne("send");
    const other = await aWorker(tenant);
    expect(await other.refusal("completeStep", { lease: step.lease })).toBe("CONFLICT");
    expect(await other.extend(step)).toMatchObject([{ end: "LOST" }]);
    expect(await worker.complete(step)).toBe("SUCCEEDED");
  });

  test("who has the permission in the whole tenant can take steps, and users of vendors never", async () => {
    const { tenant } = await aTenant(invoice);
    const without = new ExternalWorker(await userWithKey(tenant.admin, ["workflow.read"]));
    const vendor = new ExternalWorker((await tenant.vendor()).user);
    const operations = [
      ["takeSteps", { tasks: ["send"] }],
      ["extendStepLeases", { leases: [tenant.id] }],
      ["completeStep", { lease: tenant.id }],
      ["completeSteps", { steps: [{ lease: tenant.id }] }],
      ["failStep", { lease: tenant.id, code: "A", message: "B" }],
      ["releaseSteps", { leases: [tenant.id] }],
      ["appendStepLog", { lease: tenant.id, lines: [{ text: "a" }] }],
    ] as const;
    for (const who of [without, vendor])
      for (const [name, input] of operations) expect(await who.refusal(name, input), name).toBe("FORBIDDEN");
  });

  test("a profile that allows external workers lets a definition use them", async () => {
    const { tenant } = await aTenant(automation("narrow", send.replace("inputs.invoice", "run.id"), "profile: { step_types: [set] }\n"));
    const start = 'mutation { startWorkflow(input: { definitionKey: "narrow" }) { instance { id } } }';
    expect(await tenant.admin.refused(start)).toMatchObject({
      message: 'Step "send": the security profile "definition+standard" does not allow steps of the type "worker".',
      extensions: { code: "PROFILE_VIOLATION" },
    });
  });
});

test.each([
  ["takeSteps", { tasks: [] }],
  ["takeSteps", { tasks: ["Not a task"] }],
  ["takeSteps", { tasks: ["a"], max: 0 }],
  ["takeSteps", { tasks: ["a"], max: 101 }],
  ["takeSteps", { tasks: ["a"], leaseSeconds: 1 }],
  ["takeSteps", { tasks: ["a"], waitSeconds: 61 }],
  ["completeStep", { lease: "no token" }],
  ["completeStep", { lease: "0197b1c2-0000-7000-8000-000000000000", outputs: [1] }],
  ["failStep", { lease: "0197b1c2-0000-7000-8000-000000000000", code: "no code", message: "m" }],
  ["appendStepLog", { lease: "0197b1c2-0000-7000-8000-000000000000", lines: [{ text: "a", stream: "SYSTEM" }] }],
] as const)("%s refuses %j", async (operation, input) => {
  const { worker } = await aTenant();
  expect(await worker.refusal(operation, input)).toBe("BAD_USER_INPUT");
});

describe("the number of statements", () => {
  test("of a take, and of a batch of reports, does not depend on the number of steps", async () => {
    const { tenant, worker } = await aTenant(invoice);
    const counts: number[][] = [];
    for (const size of [1, 20]) {
      const ids = [];
      for (let n = 0; n < size; n++) ids.push(await started(tenant.admin, "invoice", { invoice: n }));
      for (const id of ids) await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
      await weft.weft.worker.idle();
      let taken: Taken | undefined;
      const taking = await weft.statements(async () => (taken = await worker.call<Taken>("takeSteps", { tasks: ["send"], max: 20 })));
      const steps = (taken?.steps ?? []).map(({ lease }) => ({ lease, outputs: { receipt: "r" } }));
      expect(steps).toHaveLength(size);
      const reporting = await weft.statements(() => worker.call("completeSteps", { steps }));
      const own = (all: readonly string[]) =>
        all.filter((text) => /findOfferedSteps|lockRuns|writeRuns|StepLease|LeaseResults/i.test(text)).length;
      counts.push([own(taking), own(reporting)]);
    }
    expect(counts).toEqual([
      [4, 4],
      [4, 4],
    ]);
  });
});

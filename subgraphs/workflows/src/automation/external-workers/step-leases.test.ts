import { channels } from "@weft/shared/event-catalog";
import { sharedWeft, type SharedWeft, type TestTenant, userWithKey } from "@weft/testkit";
import {
  automation,
  aWorker,
  becomes,
  ExternalWorker,
  invoiceDefinition,
  type Leased,
  type Report,
  runOf,
  sending,
  started,
  type Taken,
  uuidOfRun,
} from "@weft/testkit/tenants/external-worker";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(() => owner.end());

async function aTenant(...definitions: readonly string[]): Promise<{ tenant: TestTenant; worker: ExternalWorker }> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return { tenant, worker: await aWorker(tenant) };
}

/** Lets the lease of a step be over, and wakes the workers of Weft. */
async function expire(step: Leased, change: "lease" | "attempt" = "lease"): Promise<void> {
  const began = change === "attempt" ? owner`, attempt_started_at = clock_timestamp() - interval '2 hours'` : owner``;
  await owner`update workflows.run_steps set due_at = clock_timestamp() ${began} where run_id = ${uuidOfRun(step)} and step = ${step.step}`;
  await weft.weft.services.pubsub.publish(channels.runs, "");
}

describe("if the lease is over,", () => {
  test("another worker gets the step, and the result of the first one is refused without an effect", async () => {
    const { tenant, worker } = await aTenant(invoiceDefinition);
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

  test("because nobody extends it, the step is offered again by itself", { tags: "slow" }, async () => {
    const { tenant, worker } = await aTenant(invoiceDefinition);
    await started(tenant.admin, "invoice");
    const lost = await worker.takeOne("send", { leaseSeconds: 2 });
    expect((await worker.takeOne("send")).attempt).toBe(2);
    expect(await worker.refusal("completeStep", { lease: lost.lease })).toBe("CONFLICT");
  });

  test("three times, the step waits until somebody decides", async () => {
    const { tenant, worker } = await aTenant(invoiceDefinition);
    const id = await started(tenant.admin, "invoice");
    for (let n = 0; n < 3; n++) await expire(await worker.takeOne("send"));
    const run = await becomes(tenant.admin, id, "the step is parked", ({ steps }) => steps[0]?.isParked === true);
    expect(run.steps).toMatchObject([{ error: { code: "WORKER_LOST" } }]);
    expect(await worker.take("send")).toEqual([]);
  });

  test("because the attempt has taken longer than its timeout, it has failed", async () => {
    const { tenant, worker } = await aTenant(sending("slow", "timeout: 1h"));
    const id = await started(tenant.admin, "slow");
    await expire(await worker.takeOne("send"), "attempt");
    const run = await becomes(tenant.admin, id, "the run has failed", ({ status }) => status === "FAILED");
    expect(run.steps).toMatchObject([
      { status: "FAILED", error: { code: "TIMEOUT", message: "The attempt did not end within 3600 seconds." } },
    ]);
  });

  test("it was not extended beyond the timeout", async () => {
    const { tenant, worker } = await aTenant(sending("short", "timeout: 20s"));
    await started(tenant.admin, "short");
    const before = Date.now();
    const step = await worker.takeOne("send", { leaseSeconds: 3600 });
    const [lease] = await worker.extend(step);
    for (const at of [step.expiresAt, lease?.expiresAt ?? ""]) expect(Date.parse(at) - before).toBeLessThan(25_000);
    expect(lease?.end).toBeNull();
  });
});

describe("if the answer to a report was lost,", () => {
  test("the same report gets the same answer, and nothing happens twice", async () => {
    const { tenant, worker } = await aTenant(invoiceDefinition);
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
    const { tenant, worker } = await aTenant(invoiceDefinition);
    const id = await started(tenant.admin, "invoice");
    const step = await worker.takeOne("send");
    const answers = await Promise.all(["a", "b", "c", "d"].map((receipt) => worker.complete(step, { receipt })));
    expect(answers).toEqual(Array(4).fill("SUCCEEDED"));
    const [event] = await owner<{ count: number }[]>`
      select count(*)::int as count from events.log where tenant_id = ${tenant.id} and type = 'run.succeeded'`;
    expect([event?.count, (await runOf(tenant.admin, id)).status]).toEqual([1, "SUCCEEDED"]);
  });

  test("the report of an attempt that another one has followed gets its answer, too", async () => {
    const { tenant, worker } = await aTenant(sending("again", "retry: { attempts: 3, delay: 1s }"));
    await started(tenant.admin, "again");
    const first = await worker.takeOne("send");
    await worker.fail(first);
    await owner`update workflows.run_steps set offered_at = clock_timestamp(), not_before = clock_timestamp() where tenant_id = ${tenant.id}`;
    await worker.complete(await worker.takeOne("send"));
    expect(await worker.fail(first)).toBe("FAILED");
  });

  test("in a batch, what is over is stale, and the rest is recorded", async () => {
    const { tenant, worker } = await aTenant(invoiceDefinition);
    const ids = [await started(tenant.admin, "invoice"), await started(tenant.admin, "invoice")];
    const [lost, kept] = [await worker.takeOne("send"), await worker.takeOne("send")];
    await expire(lost);
    // Extending the lease here would keep it if Weft has not taken it back yet.
    await becomes(tenant.admin, lost.instanceId, "the step is offered again", ({ steps }) => steps[0]?.status === "READY");
    const steps = [lost, kept].map(({ lease }) => ({ lease }));
    const { reports } = await worker.call<{ reports: Report[] }>("completeSteps", { steps });
    expect(reports.map(({ status }) => status)).toEqual(["STALE", "SUCCEEDED"]);
    expect((await Promise.all(ids.map((id) => runOf(tenant.admin, id)))).map(({ status }) => status).toSorted()).toEqual([
      "RUNNING",
      "SUCCEEDED",
    ]);
  });
});

describe("another tenant", () => {
  test("sees none of the steps, and cannot use the leases", async () => {
    const { tenant, worker } = await aTenant(invoiceDefinition);
    const { worker: stranger } = await aTenant(invoiceDefinition);
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
    const { tenant, worker } = await aTenant(invoiceDefinition);
    await started(tenant.admin, "invoice");
    const step = await worker.takeOne("send");
    const other = await aWorker(tenant);
    expect(await other.refusal("completeStep", { lease: step.lease })).toBe("CONFLICT");
    expect(await other.extend(step)).toMatchObject([{ end: "LOST" }]);
    expect(await worker.complete(step)).toBe("SUCCEEDED");
  });

  test("who has the permission in the whole tenant can take steps, and users of vendors never", async () => {
    const { tenant } = await aTenant(invoiceDefinition);
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
    const { tenant } = await aTenant(sending("narrow", "", "profile: { step_types: [set] }\n"));
    const start = 'mutation { startWorkflow(input: { definitionKey: "narrow" }) { instance { id } } }';
    expect(await tenant.admin.refused(start)).toMatchObject({
      message: 'Step "send": the security profile "definition+standard" does not allow steps of the type "worker".',
      extensions: { code: "PROFILE_VIOLATION" },
    });
  });
});

test("inputs that make no sense are refused", async () => {
  const { admin } = await weft.tenant();
  const worker = new ExternalWorker(admin);
  const cases = [
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
  ] as const;
  for (const [operation, input] of cases)
    expect(await worker.refusal(operation, input), `${operation} ${JSON.stringify(input)}`).toBe("BAD_USER_INPUT");
});

test(
  "a take, and a batch of reports, are four statements each, for any number of steps; what follows costs two more",
  { tags: "slow" },
  async () => {
    const { tenant, worker } = await aTenant(invoiceDefinition);
    /** The names of the fewest statements of three calls. Consumers of events use the same pool, and can send one meanwhile. */
    const fewest = async (call: () => Promise<readonly string[]>): Promise<string[]> => {
      const calls: string[][] = [];
      for (let n = 0; n < 3; n++) calls.push((await call()).flatMap((text) => /\/\* (\w+) \*\//.exec(text)?.[1] ?? []));
      return calls.reduce((least, one) => (one.length < least.length ? one : least));
    };
    /** Starts runs, and waits until the step of each is offered. */
    const offered = async (size: number): Promise<void> => {
      const ids = [];
      for (let n = 0; n < size; n++) ids.push(await started(tenant.admin, "invoice", { invoice: n }));
      for (const id of ids) await becomes(tenant.admin, id, "the step is offered", ({ steps }) => steps[0]?.status === "READY");
      await weft.weft.worker.idle();
    };
    for (const size of [1, 10]) {
      const taken: Taken["steps"][] = [];
      const taking = await fewest(async () => {
        await offered(size);
        return weft.statements(async () => taken.push((await worker.call<Taken>("takeSteps", { tasks: ["send"], max: 20 })).steps));
      });
      expect(taken.map(({ length }) => length)).toEqual([size, size, size]);
      const reporting = await fewest(() => {
        const steps = taken.pop()?.map(({ lease }) => ({ lease, outputs: { receipt: "r" } }));
        return weft.statements(() => worker.call("completeSteps", { steps }));
      });
      expect(taking).toEqual(["findOfferedSteps", "lockRuns", "insertStepLeases", "writeRuns"]);
      expect(reporting).toEqual(["findStepLeases", "lockRuns", "recordLeaseResults", "writeRuns"]);
    }
    await tenant.definition(
      automation("two", ["first", "second"].map((id) => `  - { id: ${id}, type: worker, with: { task: work } }\n`).join("")),
    );
    const following = await fewest(async () => {
      await started(tenant.admin, "two");
      const { lease } = await worker.takeOne("work");
      await weft.weft.worker.idle();
      return weft.statements(() => worker.call("completeSteps", { steps: [{ lease }], next: { tasks: ["work"] } }));
    });
    expect(following).toEqual(["findStepLeases", "hasWaitingSteps", "lockRuns", "recordLeaseResults", "insertStepLeases", "writeRuns"]);
  },
);

import { expect } from "vitest";
import { aWorker, type ExternalWorker, type Leased, started } from "../tenants/external-worker.js";
import type { ApiStage } from "./api-stage.js";
import type { Step } from "./page-blocks.js";

interface Taken {
  readonly takeSteps: { readonly steps: readonly Leased[]; readonly pollAfterMs: number };
}

const workers = new WeakMap<object, Promise<ExternalWorker>>();

/** The worker of the page. */
function workerOf({ tenant }: ApiStage): Promise<ExternalWorker> {
  const known = workers.get(tenant) ?? aWorker(tenant);
  workers.set(tenant, known);
  return known;
}

/** Starts the automation of the page, and takes its step. */
async function newLease(stage: ApiStage): Promise<string> {
  await started(stage.tenant.admin, "billing", { invoice: "i1" });
  return (await (await workerOf(stage)).takeOne("send-invoice")).lease;
}

/** Steps of the page about external workers. */
export const workerSteps: readonly Step<ApiStage>[] = [
  async (source, { tenant }) => {
    await tenant.definition(source);
  },
  async (mutation, stage) => {
    await started(stage.tenant.admin, "billing", { invoice: "i0" });
    const { takeSteps } = await (await workerOf(stage)).user.run<Taken>(mutation);
    expect(takeSteps).toMatchObject({ steps: [{ task: "send-invoice", input: { invoice: "i0" }, timeoutSeconds: 600 }], pollAfterMs: 0 });
  },
  async (mutation, stage) => {
    const lease = await newLease(stage);
    expect(await (await workerOf(stage)).user.run(mutation, { leases: [lease] })).toMatchObject({
      extendStepLeases: { leases: [{ end: null }] },
    });
  },
  async (mutation, stage) => {
    const lease = await newLease(stage);
    const steps = [{ lease, outputs: { receipt: "r1" } }];
    expect(await (await workerOf(stage)).user.run(mutation, { steps })).toEqual({
      completeSteps: { reports: [{ lease, status: "SUCCEEDED" }] },
    });
  },
  async (mutation, stage) => {
    const lease = await newLease(stage);
    expect(await (await workerOf(stage)).user.run(mutation, { steps: [{ lease, outputs: { receipt: "r2" } }] })).toEqual({
      completeSteps: { reports: [{ lease, status: "SUCCEEDED" }], steps: [] },
    });
  },
  async (mutation, stage) => {
    const lease = await newLease(stage);
    expect(await (await workerOf(stage)).user.run(mutation, { lease })).toEqual({ failStep: { report: { status: "FAILED" } } });
  },
  async (mutation, stage) => {
    const lease = await newLease(stage);
    expect(await (await workerOf(stage)).user.run(mutation, { leases: [lease] })).toEqual({
      releaseSteps: { reports: [{ lease, status: "RELEASED" }] },
    });
  },
  async (mutation, stage) => {
    const lease = await newLease(stage);
    expect(await (await workerOf(stage)).user.run(mutation, { lease, sent: 0 })).toEqual({ appendStepLog: { lines: 2 } });
  },
];

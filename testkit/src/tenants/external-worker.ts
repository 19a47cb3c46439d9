import { decodeId } from "@weft/shared/ids";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";
import { newServiceAccount, userWithKey } from "./new-api-key.js";

/** A step as `takeSteps` returns it. */
export interface Leased {
  readonly lease: string;
  readonly expiresAt: string;
  readonly timeoutSeconds: number;
  readonly runId: string;
  readonly instanceId: string;
  readonly step: string;
  readonly task: string;
  readonly input: Record<string, unknown>;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly isCompensation: boolean;
}

export interface Taken {
  readonly steps: readonly Leased[];
  readonly pollAfterMs: number;
}

export interface Report {
  readonly lease: string;
  readonly status: string;
}

const leasedFields = "lease expiresAt timeoutSeconds runId instanceId step task input attempt idempotencyKey isCompensation";

const operations = {
  takeSteps: `mutation ($input: TakeStepsInput!) { takeSteps(input: $input) { pollAfterMs steps { ${leasedFields} } } }`,
  extendStepLeases: "mutation ($input: ExtendStepLeasesInput!) { extendStepLeases(input: $input) { leases { lease expiresAt end } } }",
  completeStep: "mutation ($input: CompleteStepInput!) { completeStep(input: $input) { report { lease status } } }",
  completeSteps: `mutation ($input: CompleteStepsInput!) { completeSteps(input: $input) { reports { lease status } steps { ${leasedFields} } } }`,
  failStep: "mutation ($input: FailStepInput!) { failStep(input: $input) { report { lease status } } }",
  releaseSteps: "mutation ($input: ReleaseStepsInput!) { releaseSteps(input: $input) { reports { lease status } } }",
  appendStepLog: "mutation ($input: AppendStepLogInput!) { appendStepLog(input: $input) { lines } }",
} as const;

export type WorkerOperation = keyof typeof operations;

/** An external worker: a service account of a tenant that acts with an API key. */
export class ExternalWorker {
  constructor(readonly user: TestUser) {}

  async call<T>(operation: WorkerOperation, input: object): Promise<T> {
    const data = await this.user.run<Record<string, T>>(operations[operation], { input });
    return data[operation] as T;
  }

  refusal(operation: WorkerOperation, input: object): Promise<string> {
    return this.user.refusal(operations[operation], { input });
  }

  async take(task: string, more: object = {}): Promise<readonly Leased[]> {
    return (await this.call<Taken>("takeSteps", { tasks: [task], ...more })).steps;
  }

  /** Takes the one step that is, or soon will be, there. */
  async takeOne(task: string, more: object = {}): Promise<Leased> {
    let taken: readonly Leased[] = [];
    await until(async () => (taken = await this.take(task, { waitSeconds: 5, ...more })).length > 0, { what: `a step of ${task}` });
    const [step] = taken;
    if (!step) throw new Error("There is no step.");
    return step;
  }

  async complete({ lease }: Pick<Leased, "lease">, outputs: object = {}): Promise<string> {
    return (await this.call<{ report: Report }>("completeStep", { lease, outputs })).report.status;
  }

  async fail({ lease }: Pick<Leased, "lease">, more: object = {}): Promise<string> {
    const input = { lease, code: "BROKEN", message: "It is broken.", ...more };
    return (await this.call<{ report: Report }>("failStep", input)).report.status;
  }

  async extend(
    ...steps: readonly Pick<Leased, "lease">[]
  ): Promise<readonly { readonly expiresAt: string | null; readonly end: string | null }[]> {
    const leases = steps.map(({ lease }) => lease);
    return (await this.call<{ leases: { expiresAt: string | null; end: string | null }[] }>("extendStepLeases", { leases })).leases;
  }
}

let made = 0;

/** Creates a service account that can take steps, and nothing else. */
export async function aWorker({ admin }: Pick<TestTenant, "admin">): Promise<ExternalWorker> {
  const key = `workers_${++made}`;
  await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { key } } }", {
    input: { key, name: "Workers", permissions: [{ permission: "step.take", scope: "TENANT" }] },
  });
  const userId = await newServiceAccount(admin, `worker-${made}`, [key]);
  return new ExternalWorker(await userWithKey(admin, ["step.take"], { userId }));
}

/** Returns an automation. */
export const automation = (key: string, steps: string, rest = ""): string =>
  `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}steps:\n${steps}`;

/** Starts an automation. Returns the ID of its instance. */
export async function started(who: TestUser, key: string, data: object = {}): Promise<string> {
  const mutation = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(mutation, { key, data });
  return startWorkflow.instance.id;
}

export interface SeenStep {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly isParked: boolean;
  readonly outputs: Record<string, unknown> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly compensation: { readonly status: string } | null;
}

export interface SeenRun {
  readonly id: string;
  readonly status: string;
  readonly outputs: Record<string, unknown> | null;
  readonly steps: readonly SeenStep[];
}

/** Returns the run of an instance. */
export async function runOf(who: TestUser, instanceId: string): Promise<SeenRun> {
  const { workflowInstance } = await who.run<{ workflowInstance: { runs: SeenRun[] } }>(
    `query ($id: ID!) { workflowInstance(id: $id) { runs { id status outputs
      steps { id: step status attempts isParked outputs error { code message } } } } }`,
    { id: instanceId },
  );
  const [run] = workflowInstance.runs;
  if (!run) throw new Error("The instance has no run.");
  return run;
}

export async function becomes(who: TestUser, instanceId: string, what: string, is: (run: SeenRun) => boolean): Promise<SeenRun> {
  await until(async () => is(await runOf(who, instanceId)), { what, deadlineMs: 30_000, everyMs: 25 });
  return runOf(who, instanceId);
}

export const uuidOfRun = ({ runId }: Pick<Leased, "runId">): string => decodeId("run", runId);

/** Automation whose step an external worker does. */
export const workerDefinition = automation("for-workers", "  - { id: work, type: worker, with: { task: isolation-work } }\n");

/** Starts a run of `workerDefinition`, and lets the administrator take its step, or another one. Returns the lease. */
export async function newLease(admin: TestUser): Promise<string> {
  await started(admin, "for-workers");
  return (await new ExternalWorker(admin).takeOne("isolation-work")).lease;
}

/** A step for the task `send`, which gets the input `invoice` of the run. */
export const sendStep = `  - id: send
    type: worker
    with: { task: send, input: { invoice: "{{ inputs.invoice }}" } }
`;

const invoiceInput = "inputs: { invoice: { type: integer, default: 1 } }\n";

/** Automation with the step `send`, whose outputs contain a receipt. */
export const invoiceDefinition = automation(
  "invoice",
  sendStep,
  `${invoiceInput}outputs: { receipt: "{{ steps.send.outputs.receipt }}" }\n`,
);

/** Automation with the step `send`, with further members of the step, and of the automation. */
export const sending = (key: string, ofStep: string, rest = ""): string =>
  automation(key, `${sendStep}${ofStep === "" ? "" : `    ${ofStep}\n`}`, `${invoiceInput}${rest}`);

/** The operations of external workers. `docs/how-to/workers.md` describes them. */

const stepFields = "lease timeoutSeconds runId instanceId step task input attempt idempotencyKey isCompensation";

export const takeSteps = `mutation TakeSteps($input: TakeStepsInput!) {
  takeSteps(input: $input) { steps { ${stepFields} } pollAfterMs }
}`;
export const extendStepLeases = `mutation ExtendStepLeases($input: ExtendStepLeasesInput!) {
  extendStepLeases(input: $input) { leases { lease end } }
}`;
export const completeSteps = `mutation CompleteSteps($input: CompleteStepsInput!) {
  completeSteps(input: $input) { reports { lease status } steps { ${stepFields} } }
}`;
export const failStep = `mutation FailStep($input: FailStepInput!) { failStep(input: $input) { report { status } } }`;
export const releaseSteps = `mutation ReleaseSteps($input: ReleaseStepsInput!) { releaseSteps(input: $input) { reports { lease status } } }`;
export const appendStepLog = `mutation AppendStepLog($input: AppendStepLogInput!) { appendStepLog(input: $input) { lines } }`;

/** A step that this process has taken. */
export interface LeasedStep {
  readonly lease: string;
  readonly timeoutSeconds: number;
  readonly runId: string;
  readonly instanceId: string;
  /** ID of the step, with the index of the item in brackets. */
  readonly step: string;
  readonly task: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** From 1. */
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly isCompensation: boolean;
}

export interface TakenSteps {
  readonly takeSteps: { readonly steps: readonly LeasedStep[]; readonly pollAfterMs: number };
}

export interface CompletedSteps {
  readonly completeSteps: { readonly reports: readonly { readonly status: string }[]; readonly steps: readonly LeasedStep[] };
}

export interface ExtendedLeases {
  readonly extendStepLeases: { readonly leases: readonly { readonly lease: string; readonly end: StepEnd | null }[] };
}

/** Why the work on a step must stop. */
export type StepEnd = "REPORTED" | "TIMEOUT" | "CANCELLED" | "LOST";

import { setTimeout as delay } from "node:timers/promises";
import type { WeftClient } from "@weft/client";
import type { Problem } from "./problem.js";
import { readWorkflow, startWorkflow } from "./operations.js";

export interface WorkflowOptions<Request> {
  /** Key of the definition. */
  readonly workflow: string;
  /** Data with which it starts. Default: the body of the request. */
  readonly data?: (request: Request) => object;
  /** Final states in which the work of the request continues. Default: all with which the workflow is completed. */
  readonly states?: readonly string[];
  /** How long to wait for the result, in ms. Default: 30,000 */
  readonly timeoutMs?: number;
}

export interface WorkflowResult {
  /** ID of the instance (`wfi_…`). */
  readonly instanceId: string;
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Instance {
  readonly id: string;
  readonly status: string;
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** Starts a workflow and waits for its end. Returns the problem if it does not succeed in time. */
export async function runWorkflow<Request extends { readonly body?: unknown }>(
  weft: WeftClient,
  request: Request,
  { workflow, data = ({ body }) => body ?? {}, states, timeoutMs = 30_000 }: WorkflowOptions<Request>,
  signal: AbortSignal,
): Promise<WorkflowResult | Problem> {
  const deadline = performance.now() + timeoutMs;
  const input = { definitionKey: workflow, data: data(request) };
  let { instance } = (await weft.mutate<{ startWorkflow: { instance: Instance } }>(startWorkflow, { input }, { signal })).startWorkflow;
  for (
    let pauseMs = firstPauseMs;
    instance.status === "RUNNING" || instance.status === "SUSPENDED";
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  ) {
    if (performance.now() > deadline)
      return problem(504, "WORKFLOW_TIMEOUT", `The workflow has no result after ${timeoutMs} ms.`, instance);
    await delay(pauseMs, undefined, { signal });
    instance = (await weft.query<{ workflowInstance: Instance }>(readWorkflow, { id: instance.id }, { signal })).workflowInstance;
  }
  if (instance.status === "COMPLETED" && states?.includes(instance.state) !== false)
    return { instanceId: instance.id, state: instance.state, data: instance.data };
  const code = instance.status === "COMPLETED" ? "WORKFLOW_REJECTED" : `WORKFLOW_${instance.status}`;
  return problem(422, code, `The workflow ended in the state ${instance.state}.`, instance);
}

const problem = (status: number, code: string, detail: string, { id, state }: Instance): Problem => ({
  title: code,
  status,
  detail,
  code,
  instanceId: id,
  state,
});

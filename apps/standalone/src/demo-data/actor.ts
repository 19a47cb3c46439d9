import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { type ApiClient, ApiRequestError } from "../api-client.js";

/** A request, as used by stories. */
export interface MadeRequest {
  readonly id: string;
  readonly instanceId: string;
}

/** The input for a new request. */
export interface NewRequest {
  readonly typeKey: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly buildingId?: string;
  readonly assetId?: string;
}

/** Optional input of a transition. */
export interface TransitionInput {
  readonly comment?: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

/** Attempts of a mutation that conflicts with background work. */
const maxAttempts = 5;

/** Time in which an automation must come to rest, and between two looks at it. */
const RUN_LIMIT_MS = 120_000;
const RUN_POLL_MS = 40;

/** These have the same effect if they are repeated, so they take no key. */
const hasNoKey = /^mutation Demo(Decide|Triage|Watch|Link)\b/;

interface AgentCall {
  readonly toolCalls: readonly { readonly id: string; readonly status: string }[];
}

interface AutomationState {
  readonly status: string;
  readonly runs: readonly { readonly steps: readonly { readonly status: string }[] }[];
}

/** A run without steps has not begun. */
const isAtRest = ({ steps }: AutomationState["runs"][number]): boolean =>
  steps.some(({ status }) => status === "WAITING") && !steps.some(({ status }) => status === "READY" || status === "RUNNING");

interface OpenTask {
  readonly id: string;
  readonly checklist: readonly { readonly key: string; readonly title: string }[];
}

/** A demo user who uses the API with the same mutations as a client. */
export class Actor {
  constructor(
    readonly id: string,
    readonly api: ApiClient,
  ) {}

  async create(input: NewRequest): Promise<MadeRequest> {
    const { createRequest } = await this.write<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
      "mutation DemoCreate($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
      { input },
    );
    return { id: createRequest.request.id, instanceId: createRequest.request.workflow.id };
  }

  async submit({ id }: MadeRequest): Promise<void> {
    await this.write("mutation DemoSubmit($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id } } }", {
      input: { id },
    });
  }

  async cancel({ id }: MadeRequest, comment?: string): Promise<void> {
    await this.write("mutation DemoCancel($input: CancelRequestInput!) { cancelRequest(input: $input) { request { id } } }", {
      input: { id, comment },
    });
  }

  async assign({ id }: MadeRequest, assignee: { userId: string } | { teamId: string } | { vendorId: string }): Promise<void> {
    await this.write("mutation DemoAssign($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
      input: { id, assignee },
    });
  }

  async rate({ id }: MadeRequest, rating: { readonly stars: number; readonly comment: string | null }): Promise<void> {
    await this.write("mutation DemoRate($input: RateVendorInput!) { rateVendor(input: $input) { rating { id } } }", {
      input: { requestId: id, ...rating, isForVendor: rating.comment !== null },
    });
  }

  /**
   * @param subjectId the object that the workflow is about
   * @returns the instance's ID
   */
  async start(definitionKey: string, data: Readonly<Record<string, unknown>>, subjectId?: string): Promise<string> {
    const { startWorkflow } = await this.write<{ startWorkflow: { instance: { id: string } } }>(
      "mutation DemoStart($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
      { input: { definitionKey, data, subjectId } },
    );
    return startWorkflow.instance.id;
  }

  async fire(instanceId: string, transition: string, optional: TransitionInput = {}): Promise<void> {
    await this.write("mutation DemoFire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
      input: { instanceId, transition, ...optional },
    });
  }

  async cancelRuns(instanceId: string, comment: string): Promise<void> {
    for (const id of await this.#runs(instanceId))
      await this.write("mutation DemoCancelRun($input: CancelRunInput!) { cancelRun(input: $input) { run { id } } }", {
        input: { id, comment },
      });
  }

  async pauseRuns(instanceId: string): Promise<void> {
    for (const id of await this.#runs(instanceId))
      await this.write("mutation DemoPauseRun($input: KeyedVersionedIdInput!) { pauseRun(input: $input) { run { id } } }", {
        input: { id },
      });
  }

  /** Decides about the tool for which the agents of the instance wait. */
  async decideAboutTool(instanceId: string, decision: { readonly isApproved: boolean; readonly reason?: string }): Promise<void> {
    const { workflowInstance } = await this.api.run<{ workflowInstance: { runs: { steps: { agentCalls: AgentCall[] }[] }[] } }>(
      "query DemoTools($id: ID!) { workflowInstance(id: $id) { runs { steps { agentCalls { toolCalls { id status } } } } } }",
      { id: instanceId },
    );
    const calls = workflowInstance.runs
      .flatMap(({ steps }) => steps)
      .flatMap(({ agentCalls }) => agentCalls.flatMap((call) => call.toolCalls));
    const awaited = calls.find(({ status }) => status === "AWAITING_APPROVAL");
    if (!awaited) throw new Error(`The agents of the instance ${instanceId} of the demo wait for nobody.`);
    await this.write("mutation DemoDecide($input: DecideAgentToolCallInput!) { decideAgentToolCall(input: $input) { toolCall { id } } }", {
      input: { id: awaited.id, ...decision },
    });
  }

  /** Waits until the instance cannot continue without people, events or time. */
  untilAtRest(instanceId: string): Promise<void> {
    return this.#until(instanceId, ({ status, runs }) => status !== "RUNNING" || runs.every(isAtRest));
  }

  /** Waits until the instance has ended, or has an incident. */
  untilEnded(instanceId: string): Promise<void> {
    return this.#until(instanceId, ({ status }) => status !== "RUNNING");
  }

  /** Completes the instance's open task. If there are several, completes the one of that rule. */
  async complete(
    instanceId: string,
    transition: string,
    { rule, ...optional }: TransitionInput & { readonly rule?: string } = {},
  ): Promise<void> {
    await this.write("mutation DemoComplete($input: CompleteTaskInput!) { completeTask(input: $input) { task { id } } }", {
      input: { id: (await this.openTask(instanceId, rule)).id, transition, ...optional },
    });
  }

  async claim(instanceId: string, rule?: string): Promise<void> {
    await this.write("mutation DemoClaim($input: KeyedIdInput!) { claimTask(input: $input) { task { id } } }", {
      input: { id: (await this.openTask(instanceId, rule)).id },
    });
  }

  /** Checks an item off, by its title. */
  async checkItem(instanceId: string, title: string, rule?: string): Promise<void> {
    const { id, checklist } = await this.openTask(instanceId, rule);
    await this.write("mutation DemoTick($input: UpdateChecklistItemInput!) { updateChecklistItem(input: $input) { task { id } } }", {
      input: { id, itemKey: checklist.find((item) => item.title === title)?.key ?? title },
    });
  }

  async comment(instanceId: string, comment: string): Promise<void> {
    await this.write("mutation DemoComment($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }", {
      input: { instanceId, audience: "PUBLIC", comment },
    });
  }

  async commentOnTask(instanceId: string, text: string): Promise<void> {
    await this.write("mutation DemoTaskComment($input: CommentOnTaskInput!) { commentOnTask(input: $input) { task { id } } }", {
      input: { id: (await this.openTask(instanceId)).id, text },
    });
  }

  async suspend(instanceId: string, reason: string): Promise<void> {
    await this.write("mutation DemoSuspend($input: SuspendWorkflowInput!) { suspendWorkflow(input: $input) { instance { id } } }", {
      input: { instanceId, reason },
    });
  }

  async #runs(instanceId: string): Promise<string[]> {
    const { workflowInstance } = await this.api.run<{ workflowInstance: { runs: { id: string }[] } }>(
      "query DemoRunIds($id: ID!) { workflowInstance(id: $id) { runs { id } } }",
      { id: instanceId },
    );
    return workflowInstance.runs.map(({ id }) => id);
  }

  async #until(instanceId: string, isThere: (instance: AutomationState) => boolean): Promise<void> {
    for (const giveUpAt = performance.now() + RUN_LIMIT_MS; performance.now() < giveUpAt; await setTimeout(RUN_POLL_MS)) {
      const { workflowInstance } = await this.api.run<{ workflowInstance: AutomationState }>(
        "query DemoRuns($id: ID!) { workflowInstance(id: $id) { status runs { steps { status } } } }",
        { id: instanceId },
      );
      if (isThere(workflowInstance)) return;
    }
    throw new Error(`The automation ${instanceId} of the demo does not come to rest.`);
  }

  /**
   * Repeats the mutation if a timer or an escalation changed the workflow at the same moment. Its key prevents that it is executed twice, if it was
   * executed but its answer could not be read.
   */
  async write<T>(mutation: string, { input }: { readonly input: object }): Promise<T> {
    const variables = { input: hasNoKey.test(mutation) ? input : { ...input, idempotencyKey: `demo:${randomUUID()}` } };
    for (let attempt = 1; ; attempt++) {
      const { data, errors } = await this.api.send<T>(mutation, variables);
      if (data && errors === undefined) return data;
      if (attempt === maxAttempts || errors?.[0]?.extensions?.code !== "CONFLICT") throw new ApiRequestError(errors ?? []);
    }
  }

  /** Returns the open task of an instance that the user can see, or the one of that rule. */
  async openTask(instanceId: string, rule?: string): Promise<OpenTask> {
    const { tasks } = await this.api.run<{ tasks: { edges: { node: OpenTask }[] } }>(
      "query DemoTask($filter: TaskFilter) { tasks(filter: $filter, first: 1) { edges { node { id checklist { key title } } } } }",
      {
        filter: { instanceId: { eq: instanceId }, status: { in: ["OPEN", "CLAIMED"] }, ...(rule !== undefined && { rule: { eq: rule } }) },
      },
    );
    const [first] = tasks.edges;
    if (first === undefined)
      throw new Error(`The demo found no open task for the instance ${instanceId}${rule === undefined ? "" : ` with the rule ${rule}`}.`);
    return first.node;
  }
}

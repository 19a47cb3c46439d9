import {
  aMaintenanceTenant,
  type ApiError,
  brokenInvariants,
  fireTransition,
  type MaintenanceRequest,
  type MaintenanceTenant,
  startTestWeft,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const readInstance = `query ($id: ID!) { workflowInstance(id: $id) { state status version history { version transition } availableTransitions { name allowed reasons } } }`;
const claimTask = "mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }";
const completeTask = "mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { task { id } } }";
const submitRequest = "mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id state } } }";
const cancelRequest = "mutation ($input: CancelRequestInput!) { cancelRequest(input: $input) { request { id state } } }";
const updateRequest = "mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { id version } } }";

interface Instance {
  readonly state: string;
  readonly status: string;
  readonly version: number;
  readonly history: readonly { version: number; transition: string | null }[];
  readonly availableTransitions: readonly { name: string; allowed: boolean; reasons: readonly string[] }[];
}

let weft: TestWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await aMaintenanceTenant(weft);
});
afterAll(() => weft.stop());

const stateOf = async ({ instanceId }: MaintenanceRequest): Promise<Instance> =>
  (await acme.admin.run<{ workflowInstance: Instance }>(readInstance, { id: instanceId })).workflowInstance;

/** Runs an operation that must be refused, and asserts that the instance did not change. */
async function refusedWithoutTrace(
  request: MaintenanceRequest,
  who: TestUser,
  query: string,
  input: Record<string, unknown>,
): Promise<ApiError> {
  const before = await stateOf(request);
  const error = await who.refused(query, { input });
  expect(await stateOf(request)).toEqual(before);
  return error;
}

const fire = (request: MaintenanceRequest, who: TestUser, transition: string, more: Record<string, unknown> = {}): Promise<ApiError> =>
  refusedWithoutTrace(request, who, fireTransition, { instanceId: request.instanceId, transition, ...more });

const reasonsOf = ({ extensions }: ApiError): readonly { code: string; message: string }[] =>
  (extensions?.["reasons"] ?? []) as readonly { code: string; message: string }[];

/** Asserts TRANSITION_REJECTED with one reason, whose message contains these words. */
function expectRejection(error: ApiError, rule: string, words: RegExp): void {
  expect(error.extensions?.code).toBe("TRANSITION_REJECTED");
  expect(reasonsOf(error)).toEqual([{ code: rule, message: expect.stringMatching(words) as string }]);
}

describe("a transition is rejected with its reasons", () => {
  test("when the state does not have the transition, or no transition has that name", async () => {
    const request = await acme.request("triage");
    expectRejection(await fire(request, acme.requester, "submit"), "state", /submit.*Triage/);
    expectRejection(await fire(request, acme.operations, "close"), "state", /close.*Triage/);
    expectRejection(await fire(request, acme.operations, "aprove"), "transition", /aprove/);
    expectRejection(await fire(request, acme.operations, "__proto__"), "transition", /__proto__/);
  });

  test("when the user neither has one of its roles nor is its owner", async () => {
    const request = await acme.request("triage");
    expectRejection(await fire(request, acme.manager, "escalate"), "role", /Operations/);
    expectRejection(await fire(request, acme.requester, "reject", { comment: "I am the owner" }), "role", /Operations/);
    const draft = await acme.request("draft");
    expectRejection(await fire(draft, acme.admin, "submit"), "owner", /owner/);
  });

  test("when the work belongs to another user", async () => {
    const request = await acme.request("assigned");
    for (const who of [acme.admin, acme.operations, acme.requester])
      expectRejection(await fire(request, who, "start"), "assignee", /assignee/);
    const other = await acme.tenant.vendor("Another vendor");
    const hidden = await fire(request, other.user, "start");
    expect(hidden.extensions?.code).toBe("NOT_FOUND");
    const unassigned = await acme.request("approved");
    expectRejection(await fire(unassigned, acme.operations, "start"), "assignee", /assignee/);
  });

  test("when it would decide on the user's own request, whatever roles the user has", async () => {
    const both = await acme.tenant.user("operations", { roles: ["requester", "workflow_manager"] });
    const created = await both.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
      { input: { typeKey: "maintenance", data: { summary: "My own", estimate: 10 } } },
    );
    const request = { id: created.createRequest.request.id, instanceId: created.createRequest.request.workflow.id };
    await acme.fire(both, request, "submit");
    expectRejection(await fire(request, both, "approve"), "notSameAs", /owner/);
    await acme.fire(acme.operations, request, "approve");
    expect((await stateOf(request)).state).toBe("assigned");
  });

  test("when its condition is false, including the value that made it false", async () => {
    const request = await acme.request("triage");
    expectRejection(await fire(request, acme.operations, "approve"), "when", /12000.*5000/);
  });

  test("when the workflow has ended, in each of the possible outcomes", async () => {
    const rejected = await acme.request("triage");
    await acme.fire(acme.operations, rejected, "reject", { comment: "Twice" });
    expectRejection(await fire(rejected, acme.requester, "cancel"), "status", /Rejected/);
    const cancelled = await acme.request("draft");
    await acme.fire(acme.requester, cancelled, "cancel");
    expectRejection(await fire(cancelled, acme.requester, "submit"), "status", /Cancelled/);
  });

  test("when another user has claimed its task, until that user completes it", async () => {
    const request = await acme.request("triage");
    const other = await acme.tenant.user("operations");
    const { tasks } = await other.run<{ tasks: { edges: { node: { id: string } }[] } }>(
      "query ($id: ID!) { tasks(filter: { instanceId: { eq: $id }, status: { eq: OPEN } }) { edges { node { id } } } }",
      { id: request.instanceId },
    );
    const id = tasks.edges[0]?.node.id ?? "";
    await other.run(claimTask, { id });
    expectRejection(await fire(request, acme.operations, "escalate"), "claimed", /claimed/);
    const complete = await refusedWithoutTrace(request, acme.operations, completeTask, { id, transition: "escalate" });
    expect(complete.extensions?.code).toMatch(/TRANSITION_REJECTED|CONFLICT/);
    await other.run(completeTask, { input: { id, transition: "escalate" } });
    expect((await stateOf(request)).state).toBe("approval");
  });

  test("through the business mutations as through the engine's", { tags: "slow" }, async () => {
    const request = await acme.request("triage");
    expectRejection(await refusedWithoutTrace(request, acme.requester, submitRequest, { id: request.id }), "state", /submit.*Triage/);
    const begun = await acme.request("in_progress");
    const late = await refusedWithoutTrace(begun, acme.requester, cancelRequest, { id: begun.id });
    expect(late.extensions?.code).toBe("TRANSITION_REJECTED");
    const other = await acme.tenant.user("requester");
    expect((await refusedWithoutTrace(request, other, cancelRequest, { id: request.id })).extensions?.code).toBe("NOT_FOUND");
  });
});

test("the owner cannot change the data that others decide on after submission, so a smaller estimate cannot evade a condition", async () => {
  const request = await acme.request("triage");
  const error = await refusedWithoutTrace(request, acme.requester, updateRequest, { id: request.id, data: { estimate: 10 } });
  expect(error.extensions?.code).toBe("TRANSITION_REJECTED");
  expect(reasonsOf(error)).toHaveLength(1);
  expectRejection(await fire(request, acme.operations, "approve"), "when", /12000.*5000/);
});

describe("an outdated version is a conflict that reports the instance's current version", () => {
  test.each([
    ["fireTransition", fireTransition, (request: MaintenanceRequest) => ({ instanceId: request.instanceId, transition: "cancel" })],
    ["submitRequest", submitRequest, (request: MaintenanceRequest) => ({ id: request.id })],
    ["cancelRequest", cancelRequest, (request: MaintenanceRequest) => ({ id: request.id })],
    ["updateRequest", updateRequest, (request: MaintenanceRequest) => ({ id: request.id, data: { estimate: 1 } })],
  ])("%s", async (_name, mutation, inputOf) => {
    const request = await acme.request("draft");
    const error = await refusedWithoutTrace(request, acme.requester, mutation, { ...inputOf(request), expectedVersion: 99 });
    expect(error.extensions).toMatchObject({ code: "CONFLICT", currentVersion: expect.any(Number) as number });
  });

  test("a version that was current a moment ago loses to the first writer", async () => {
    const request = await acme.request("triage");
    const { version } = await stateOf(request);
    await acme.fire(acme.operations, request, "escalate", { expectedVersion: version });
    const late = await fire(request, acme.operations, "reject", { comment: "too late", expectedVersion: version });
    expect(late.extensions).toMatchObject({ code: "CONFLICT", currentVersion: version + 1, currentState: "approval" });
  });
});

test("availableTransitions agrees with fireTransition for every user and in every state", { tags: "slow" }, async () => {
  const people = [acme.admin, acme.requester, acme.operations, acme.manager, acme.vendor.user];
  const open: string[] = [];
  for (const stage of ["draft", "triage", "approval", "assigned", "in_progress", "done"] as const) {
    const seen = await acme.request(stage);
    for (const [index, who] of people.entries()) {
      const { data } = await who.send<{ workflowInstance: Instance | null }>(readInstance, { id: seen.instanceId });
      for (const { name, allowed, reasons } of data?.workflowInstance?.availableTransitions ?? []) {
        expect([name, allowed]).toEqual([name, reasons.length === 0]);
        if (allowed) {
          open.push(`${stage}.${name} by ${index}`);
        } else {
          const error = await fire(seen, who, name, { comment: "because", input: { outcome: "x" } });
          expect(error.extensions?.code).toBe("TRANSITION_REJECTED");
          expect(reasonsOf(error).map(({ message }) => message)).toEqual(reasons);
        }
      }
    }
  }
  expect(open).toEqual([
    "draft.submit by 1",
    "draft.cancel by 1",
    "triage.cancel by 1",
    "triage.escalate by 2",
    "triage.reject by 2",
    "approval.cancel by 1",
    "approval.approve by 3",
    "approval.reject by 3",
    // Until work begins the owner can cancel, and afterwards only people with the right.
    "assigned.cancel by 1",
    "assigned.cancel by 2",
    "assigned.cancel by 3",
    "assigned.start by 4",
    "in_progress.cancel by 2",
    "in_progress.cancel by 3",
    "in_progress.complete by 4",
    "done.close by 1",
    "done.reopen by 1",
    "done.cancel by 2",
    "done.cancel by 3",
  ]);
});

test("after all of this the invariants hold", async () => {
  await weft.weft.worker.idle();
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

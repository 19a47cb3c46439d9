import {
  advanceClock,
  aMaintenanceTenant,
  fireTransition,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const errand = `weft: 1
key: errand
name: Errand
initial: draft
states:
  draft: { transitions: { submit: { to: open }, cancel: { to: dropped } } }
  open:
    task: { title: Do it, candidates: { roles: [operations] } }
    timers: { giveUp: { after: P9D, fire: finish } }
    transitions: { finish: { to: done }, cancel: { to: dropped } }
  done: { final: completed }
  dropped: { final: cancelled }
`;

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await withErrands();
});

const create = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id number workflow { id } } } }";
const submit = "mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }";
const cancel = "mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }";
const close = "mutation ($id: ID!) { closeRequest(input: { id: $id }) { request { state } } }";
const link = "mutation ($input: LinkRequestsInput!) { linkRequests(input: $input) { request { id } } }";
const complete = 'mutation ($id: ID!) { completeTask(input: { id: $id, transition: "finish" }) { instance { state } } }';

async function withErrands(): Promise<MaintenanceTenant> {
  const one = await aMaintenanceTenant(weft);
  await one.tenant.definition(errand);
  const input = { key: "errand", name: "Errand", definitionKey: "errand", numberPrefix: "ER", closeTransition: "finish" };
  await one.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", { input });
  return one;
}

async function anErrand(who: TestUser = acme.requester): Promise<MaintenanceRequest> {
  const { createRequest } = await who.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(create, {
    input: { typeKey: "errand", data: {} },
  });
  await who.run(submit, { id: createRequest.request.id });
  return { id: createRequest.request.id, instanceId: createRequest.request.workflow.id };
}

/** A request that waits for another one. */
async function aBlockedErrand(kind = "BLOCKS", of = acme): Promise<{ waiting: MaintenanceRequest; open: MaintenanceRequest }> {
  const [waiting, open] = [await anErrand(of.requester), await anErrand(of.requester)];
  const [from, to] = kind === "BLOCKS" ? [open, waiting] : [waiting, open];
  await of.operations.run(link, { input: { id: from.id, kind, toId: to.id } });
  return { waiting, open };
}

async function stateOf({ id }: MaintenanceRequest): Promise<string> {
  const { request } = await acme.operations.run<{ request: { state: string } }>("query ($id: ID!) { request(id: $id) { state } }", { id });
  return request.state;
}

const blocked = { code: "TRANSITION_REJECTED", reasons: [{ code: "blocked" }] };
const finish = ({ instanceId }: MaintenanceRequest) => ({ input: { instanceId, transition: "finish" } });

describe("a request that others block", () => {
  test.each(["BLOCKS", "PARENT_OF"])("is closed after the other end of %s, which the error names", async (kind) => {
    const { waiting, open } = await aBlockedErrand(kind);
    const error = await acme.requester.refused(close, { id: waiting.id });
    expect(error.extensions).toMatchObject(blocked);
    expect(error.message).toMatch(/The request ER-\d+ waits for ER-\d+\. Close or cancel it first/);
    await acme.requester.run(cancel, { id: open.id });
    expect(await acme.requester.run(close, { id: waiting.id })).toEqual({ closeRequest: { request: { state: "done" } } });
  });

  test("waits for a request that can be reopened only until that is closed", async () => {
    const [waiting, open] = [await acme.request("done"), await acme.request("done")];
    await acme.operations.run(link, { input: { id: open.id, kind: "BLOCKS", toId: waiting.id } });
    const error = await acme.requester.refused(fireTransition, { input: { instanceId: waiting.instanceId, transition: "close" } });
    expect(error.extensions).toMatchObject(blocked);
    await acme.requester.run(close, { id: open.id });
    expect(await acme.requester.run(close, { id: waiting.id })).toEqual({ closeRequest: { request: { state: "closed" } } });
  });

  test("is closed without naming those that the user cannot see", async () => {
    const [waiting, open] = [await anErrand(), await anErrand(acme.operations)];
    await acme.operations.run(link, { input: { id: open.id, kind: "BLOCKS", toId: waiting.id } });
    const { message } = await acme.requester.refused(close, { id: waiting.id });
    expect(message).toContain("waits for 1 that you cannot see.");
  });

  test("does not end by a transition of its workflow or by completing its task", async () => {
    const { waiting, open } = await aBlockedErrand();
    const error = await acme.requester.refused(fireTransition, finish(waiting));
    expect(error.extensions).toMatchObject(blocked);
    expect(error.message).toContain("waits for 1 other request");
    const { tasks } = await acme.operations.run<{ tasks: { edges: { node: { id: string; instance: { id: string } } }[] } }>(
      "{ tasks(first: 100) { edges { node { id instance { id } } } } }",
    );
    const task = tasks.edges.find(({ node }) => node.instance.id === waiting.instanceId)?.node;
    expect((await acme.operations.refused(complete, { id: task?.id })).extensions).toMatchObject(blocked);
    await acme.requester.run(close, { id: open.id });
    expect(await acme.operations.run(complete, { id: task?.id })).toEqual({ completeTask: { instance: { state: "done" } } });
  });

  test("does not end in a batch with others, which do end", { tags: "slow" }, async () => {
    const { waiting } = await aBlockedErrand("PARENT_OF");
    const all = [waiting, await anErrand(), await anErrand(), await anErrand()];
    const answers = await Promise.all(all.map((one) => acme.requester.send(fireTransition, finish(one))));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions?.["code"])).toEqual([blocked.code, undefined, undefined, undefined]);
    const { bulkFireTransition } = await acme.admin.run<{ bulkFireTransition: { operation: { id: string } } }>(
      'mutation ($ids: [ID!]!) { bulkFireTransition(input: { transition: "finish", instanceIds: $ids }) { operation { id } } }',
      { ids: [waiting.instanceId] },
    );
    await weft.weft.worker.idle();
    const { bulkOperation } = await acme.admin.run<{ bulkOperation: object }>(
      "query ($id: ID!) { bulkOperation(id: $id) { failed items(first: 1) { edges { node { code } } } } }",
      { id: bulkFireTransition.operation.id },
    );
    expect(bulkOperation).toEqual({ failed: 1, items: { edges: [{ node: { code: blocked.code } }] } });
  });

  test("can be cancelled", async () => {
    const { waiting } = await aBlockedErrand();
    await acme.requester.run(cancel, { id: waiting.id });
    expect(await stateOf(waiting)).toBe("dropped");
  });

  test("is not ended by a user of a vendor, who sees neither the other request nor the link", async () => {
    const { waiting } = await aBlockedErrand();
    await acme.assign(waiting, { vendorId: acme.vendor.id });
    const error = await acme.vendor.user.refused(fireTransition, finish(waiting));
    expect(error.extensions).toMatchObject(blocked);
    expect(error.message).toContain("waits for 1 other request");
  });
});

describe("transitions of a blocked request", () => {
  const offered = `query ($id: ID!) {
    workflowInstance(id: $id) { availableTransitions { name allowed reasons } }
    explainTransition(instanceId: $id, transition: "finish") { allowed ruleResults { rule at holds } }
    tasks(first: 100, filter: { instanceId: { eq: $id } }) { edges { node { availableTransitions { name allowed } } } }
  }`;
  const reasons = [expect.stringMatching(/^The request waits for 2 other requests: .*Close or cancel them first/)];
  const isBlocked = { rule: "blocked", at: "links", holds: false };

  test("are offered only if they do not complete it, until the others have ended", async () => {
    const { waiting, open } = await aBlockedErrand("BLOCKS");
    const child = await anErrand();
    await acme.operations.run(link, { input: { id: waiting.id, kind: "PARENT_OF", toId: child.id } });
    expect(await acme.operations.run(offered, { id: waiting.instanceId })).toMatchObject({
      workflowInstance: {
        availableTransitions: [
          { name: "finish", allowed: false, reasons },
          { name: "cancel", allowed: true, reasons: [] },
        ],
      },
      explainTransition: { allowed: false, ruleResults: expect.arrayContaining([isBlocked]) as unknown },
      tasks: {
        edges: [
          {
            node: {
              availableTransitions: [
                { name: "finish", allowed: false },
                { name: "cancel", allowed: true },
              ],
            },
          },
        ],
      },
    });
    for (const { id } of [open, child]) await acme.requester.run(cancel, { id });
    expect(await acme.operations.run(offered, { id: waiting.instanceId })).toMatchObject({
      workflowInstance: { availableTransitions: [{ allowed: true, reasons: [] }, { allowed: true }] },
      explainTransition: { allowed: true, ruleResults: expect.not.arrayContaining([isBlocked]) as unknown },
      tasks: { edges: [{ node: { availableTransitions: [{ allowed: true }, { allowed: true }] } }] },
    });
  });

  test("are counted for a user of a vendor, who sees none of the others", async () => {
    const { waiting } = await aBlockedErrand();
    await acme.assign(waiting, { vendorId: acme.vendor.id });
    const { workflowInstance } = await acme.vendor.user.run<{ workflowInstance: object }>(
      "query ($id: ID!) { workflowInstance(id: $id) { availableTransitions { name allowed reasons } } }",
      { id: waiting.instanceId },
    );
    expect(workflowInstance).toMatchObject({
      availableTransitions: [
        { name: "finish", allowed: false, reasons: [expect.stringContaining("waits for 1 other request")] },
        { name: "cancel", allowed: true },
      ],
    });
  });
});

test("a timer that would end a blocked request is skipped, and the request goes on", { tags: "slow" }, async () => {
  // A tenant of its own, because its clock moves.
  const globex = await withErrands();
  const waiting = await anErrand(globex.requester);
  const open = await globex.request("draft");
  await globex.operations.run(link, { input: { id: waiting.id, kind: "PARENT_OF", toId: open.id } });
  await advanceClock(weft, globex.tenant, { days: 10 });
  const found = await globex.admin.run<{ workflowInstance: object; workflowTimers: object }>(
    `query ($id: ID!) {
      workflowInstance(id: $id) { status state }
      workflowTimers(filter: { instanceId: { eq: $id } }, first: 5) { edges { node { name status reason } } }
    }`,
    { id: waiting.instanceId },
  );
  expect(found.workflowInstance).toEqual({ status: "RUNNING", state: "open" });
  const reason = expect.stringContaining("waits for 1 other request") as unknown;
  expect(found.workflowTimers).toEqual({ edges: [{ node: { name: "giveUp", status: "SKIPPED", reason } }] });
});

import { aMaintenanceTenant, sharedWeft, until, type MaintenanceTenant, type SharedWeft, type TestUser } from "@weft/testkit";
import { bundleForBrowser } from "@weft/testkit/clients/bundle-client";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import * as operations from "../generated/operations.js";
import { createWeftClient, type GraphQLDocument, type LiveStatus, type WeftClient } from "../index.js";

let weft: SharedWeft;
let tenant: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await aMaintenanceTenant(weft);
});

async function clientOf({ login, password }: TestUser): Promise<WeftClient> {
  const client = createWeftClient({ url: weft.url });
  onTestFinished(() => client.close());
  await client.session.logIn({ login, password });
  return client;
}

/** Follows a subscription. Returns what it has told so far, once it has caught up. */
async function follow<Result>(
  client: WeftClient,
  document: GraphQLDocument<Result, { after?: string | null | undefined }>,
): Promise<{ events: Result[]; errors: unknown[] }> {
  const told = { events: [] as Result[], errors: [] as unknown[] };
  const statuses: LiveStatus[] = [];
  client.subscribe(
    document,
    {},
    {
      next: (event) => told.events.push(event),
      status: (status) => statuses.push(status),
      error: (error) => told.errors.push(error),
    },
  );
  await until(() => statuses.includes("live") || told.errors.length > 0, { what: "the subscription is live" });
  expect(told.errors).toEqual([]);
  return told;
}

test("a new request is created with the form of its type, submitted, listed and shown", async () => {
  const requester = await clientOf(tenant.requester);
  const { requestTypes } = await requester.query(operations.NewRequestDocument, {});
  expect(requestTypes?.edges.find(({ node }) => node.key === "maintenance")?.node.form?.schema).toBeDefined();
  const { createRequest } = await requester.mutate(operations.CreateRequestDocument, {
    input: { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 1_000 }, buildingId: tenant.buildingId },
  });
  const draft = createRequest?.request;
  expect(draft).toMatchObject({ state: "draft" });
  const id = draft?.id ?? "";
  const { submitRequest } = await requester.mutate(operations.SubmitRequestDocument, { input: { id } });
  expect(submitRequest?.request.state).toBe("triage");
  const { requests } = await requester.query(operations.RequestsDocument, { first: 1, filter: { number: { eq: draft?.number ?? "" } } });
  expect(requests?.edges.map(({ node }) => node.id)).toEqual([id]);
  const { request } = await requester.query(operations.RequestDetailDocument, { id });
  expect(request?.workflow?.history.map(({ toTitle }) => toTitle).length).toBeGreaterThan(1);
});

test("comments, changes and transitions of a request arrive live", async () => {
  const { id, instanceId } = await tenant.request("triage");
  const client = await clientOf(tenant.operations);
  const comments = await follow(client, operations.RequestCommentChangedDocument);
  const changes = await follow(client, operations.RequestChangedDocument);
  const transitions = await follow(client, operations.WorkflowTransitionedDocument);
  await follow(client, operations.SlaChangedDocument);
  const { commentOnRequest } = await client.mutate(operations.CommentOnRequestDocument, {
    input: { id, audience: "PUBLIC", text: "We are on our way." },
  });
  const { fireTransition } = await client.mutate(operations.FireTransitionDocument, { input: { instanceId, transition: "escalate" } });
  expect(fireTransition?.instance.state).toBe("approval");
  await until(() => comments.events.some((event) => event.requestCommentChanged.commentId === commentOnRequest?.comment.id), {
    what: "the comment arrives",
  });
  await until(() => changes.events.some(({ requestChanged }) => requestChanged.request.id === id), { what: "the change arrives" });
  await until(() => transitions.events.some(({ workflowTransitioned }) => workflowTransitioned.instance.id === instanceId), {
    what: "the transition arrives",
  });
});

test("a task is found in the inbox and on the board, claimed, released and completed", async () => {
  const { instanceId } = await tenant.request("approval");
  const client = await clientOf(tenant.manager);
  const changes = await follow(client, operations.TaskChangedDocument);
  const { tasks } = await client.query(operations.MyTasksDocument, { first: 50 });
  const found = tasks?.edges.map(({ node }) => node).find(({ instance }) => instance?.id === instanceId);
  const id = found?.id ?? "";
  const { claimTask } = await client.mutate(operations.ClaimTaskDocument, { input: { id } });
  expect(claimTask?.task.status).toBe("CLAIMED");
  const { releaseTask } = await client.mutate(operations.ReleaseTaskDocument, { input: { id } });
  expect(releaseTask?.task.status).toBe("OPEN");
  const { task } = await client.query(operations.TaskDetailDocument, { id });
  expect(task?.availableTransitions.map(({ name }) => name)).toContain("approve");
  const { workflowInstances } = await client.query(operations.BoardDocument, { key: "maintenance-request" });
  expect(workflowInstances?.edges.map(({ node }) => node.id)).toContain(instanceId);
  const { completeTask } = await client.mutate(operations.CompleteTaskDocument, { input: { id, transition: "approve" } });
  expect(completeTask).toMatchObject({ task: { status: "COMPLETED" }, instance: { id: instanceId } });
  await until(() => changes.events.some(({ taskChanged }) => taskChanged.task.id === id), { what: "the change of the task arrives" });
});

test("an item of a checklist is checked", async () => {
  const other = await weft.tenant();
  await other.definition(`weft: 1
key: visit
name: Visit
initial: open
states:
  open: { task: { title: Visit, candidates: { roles: [operations] }, checklist: [Doors, Windows] }, transitions: { close: { to: done } } }
  done: { final: completed }
`);
  await other.admin.run('mutation { startWorkflow(input: { definitionKey: "visit" }) { instance { id } } }');
  const client = await clientOf(await other.user("operations"));
  const { tasks } = await client.query(operations.MyTasksDocument, { first: 50 });
  const id = tasks?.edges.find(({ node }) => node.title === "Visit")?.node.id ?? "";
  const { task } = await client.query(operations.TaskDetailDocument, { id });
  const itemKey = task?.checklist[1]?.key ?? "";
  const { updateChecklistItem } = await client.mutate(operations.UpdateChecklistItemDocument, { input: { id, itemKey, isDone: true } });
  expect(updateChecklistItem?.task.checklist.map(({ isDone }) => isDone)).toEqual([false, true]);
});

test("a notification arrives live, is listed, and marked as read", async () => {
  const requester = await clientOf(tenant.requester);
  const received = await follow(requester, operations.NotificationReceivedDocument);
  const { id } = await tenant.request("triage");
  const operator = await clientOf(tenant.operations);
  await operator.mutate(operations.CommentOnRequestDocument, { input: { id, audience: "PUBLIC", text: "Which floor?" } });
  await until(() => received.events.length > 0, { what: "the notification arrives" });
  const notification = received.events[0]?.notificationReceived.notification.id ?? "";
  const { markNotificationRead } = await requester.mutate(operations.MarkNotificationReadDocument, { input: { id: notification } });
  expect(markNotificationRead?.notification.isRead).toBe(true);
  const { notifications } = await requester.query(operations.NotificationsDocument, {});
  expect(notifications?.edges.find(({ node }) => node.id === notification)?.node.isRead).toBe(true);
});

describe("a bundle", () => {
  const entry = fileURLToPath(new URL("../generated/operations.ts", import.meta.url));

  test("contains the operation that an application uses, and no other", async () => {
    const code = await bundleForBrowser(`import { RequestsDocument } from ${JSON.stringify(entry)}; console.log(RequestsDocument);`, {
      minify: true,
    });
    expect(code.match(/(?:query|mutation|subscription) \w+/g)).toEqual(["query Requests"]);
    expect(code).not.toContain("fragment TaskRow");
    expect(code.length).toBeLessThan(2_000);
  });
});

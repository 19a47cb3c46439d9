import {
  aMaintenanceTenant,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { attachText } from "@weft/testkit/files/upload-file";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const attach = `mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }`;
const remove = `mutation ($input: IdInput!) { deleteAttachment(input: $input) { id } }`;
const readTasks = `query ($id: ID!) { workflowInstance(id: $id) { tasks { id attachments { totalCount edges { node { file { name } } } } } } }`;
const readTask = `query ($id: ID!) { task(id: $id) { id attachments { totalCount edges { node { file { name } } } } } }`;
const readFile = `query ($id: ID!) { file(id: $id) { name download { url } } }`;

interface Task {
  readonly id: string;
  readonly attachments: { totalCount: number; edges: { node: { file: { name: string } } }[] };
}

async function triageOf(who: TestUser, { instanceId }: MaintenanceRequest): Promise<Task> {
  const { workflowInstance } = await who.run<{ workflowInstance: { tasks: Task[] } }>(readTasks, { id: instanceId });
  const [task] = workflowInstance.tasks;
  if (task === undefined) throw new Error("The request has no task.");
  return task;
}

async function namesOn(who: TestUser, id: string): Promise<string[]> {
  const { attachments } = (await who.run<{ task: Task }>(readTask, { id })).task;
  expect(attachments.totalCount).toBe(attachments.edges.length);
  return attachments.edges.map(({ node }) => node.file.name);
}

test(
  "files of a task are visible to everyone who sees the task, and internal ones only to those who work on it",
  { tags: "slow" },
  async () => {
    const request = await acme.request("triage");
    const { id } = await triageOf(acme.operations, request);
    const shared = await attachText(acme.operations, { objectId: id, name: "shared.txt", visibility: "SHARED" });
    const internal = await attachText(acme.operations, { objectId: id, name: "internal.txt" });
    expect(await namesOn(acme.operations, id)).toEqual(["internal.txt", "shared.txt"]);
    expect(await acme.manager.run(readFile, { id: internal.fileId })).toMatchObject({ file: { name: "internal.txt" } });

    // The vendor sees the task as soon as it is given the request.
    expect(await acme.vendor.user.refusal(readFile, { id: shared.fileId })).toBe("NOT_FOUND");
    await acme.fire(acme.operations, request, "escalate");
    await acme.fire(acme.manager, request, "approve");
    await acme.assign(request, { vendorId: acme.vendor.id });
    expect(await namesOn(acme.vendor.user, id)).toEqual(["shared.txt"]);
    expect(await acme.vendor.user.run(readFile, { id: shared.fileId })).toMatchObject({ file: { name: "shared.txt" } });
    expect(await acme.vendor.user.refusal(readFile, { id: internal.fileId })).toBe("NOT_FOUND");

    // What a vendor attaches is hidden from the vendor that follows.
    const report = await attachText(acme.vendor.user, { objectId: id, name: "report.txt" });
    expect(await namesOn(acme.operations, id)).toEqual(["report.txt", "internal.txt", "shared.txt"]);
    const second = await acme.tenant.vendor("Second");
    await acme.assign(request, { vendorId: second.id });
    expect(await namesOn(second.user, id)).toEqual(["shared.txt"]);
    expect(await second.user.refusal(readFile, { id: report.fileId })).toBe("NOT_FOUND");
    expect(await acme.vendor.user.refusal(readFile, { id: shared.fileId })).toBe("NOT_FOUND");
  },
);

test("a user who is only asked about a task sees its shared files, and adds only shared ones", async () => {
  const { id } = await triageOf(acme.operations, await acme.request("triage"));
  await attachText(acme.operations, { objectId: id, name: "shared.txt", visibility: "SHARED" });
  await attachText(acme.operations, { objectId: id, name: "internal.txt" });
  const asked = await acme.tenant.user("requester");
  expect(await asked.refusal(readTask, { id })).toBe("NOT_FOUND");
  await acme.operations.run("mutation ($input: KeyedIdInput!) { claimTask(input: $input) { task { id } } }", { input: { id } });
  await acme.operations.run("mutation ($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }", {
    input: { id, askedId: asked.id, text: "Is that yours?" },
  });
  expect(await namesOn(asked, id)).toEqual(["shared.txt"]);
  const { fileId } = await attachText(asked, { objectId: id, name: "answer.txt" });
  expect(await acme.operations.run(readFile, { id: fileId })).toMatchObject({ file: { name: "answer.txt" } });
  expect(await asked.refusal(attach, { input: { fileId, objectId: id, visibility: "INTERNAL" } })).toBe("BAD_USER_INPUT");
});

test("another tenant's task is like one that does not exist", { tags: "slow" }, async () => {
  const { id } = await triageOf(acme.operations, await acme.request("triage"));
  const { id: attachmentId, fileId } = await attachText(acme.operations, { objectId: id, visibility: "SHARED" });
  const other = await aMaintenanceTenant(weft);
  const { fileId: own } = await attachText(other.operations, { objectId: other.buildingId });
  expect(await other.operations.refusal(attach, { input: { fileId: own, objectId: id } })).toBe("NOT_FOUND");
  expect(await other.operations.refusal(readTask, { id })).toBe("NOT_FOUND");
  expect(await other.operations.refusal(readFile, { id: fileId })).toBe("NOT_FOUND");
  expect(await other.operations.refusal(remove, { input: { id: attachmentId } })).toBe("NOT_FOUND");
  expect(await acme.operations.run(remove, { input: { id: attachmentId } })).toEqual({ deleteAttachment: { id: attachmentId } });
  expect(await namesOn(acme.operations, id)).toEqual([]);
});

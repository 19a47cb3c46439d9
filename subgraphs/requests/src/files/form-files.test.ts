import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const damage = `weft: 1
key: damage
name: Damage
data: { properties: { photo: { type: string } } }
initial: draft
states:
  draft:
    transitions:
      submit:
        to: review
        form:
          fields:
            photo: { type: file, accept: [text/plain], maxBytes: 20, in: data }
            papers: { type: file, many: true }
            lines: { type: table, columns: { scan: { type: file } } }
      cancel: { to: cancelled }
  review:
    task:
      title: Review
      candidates: { roles: [operations] }
      form:
        fields:
          photo: { type: file, in: data }
          report: { type: file, accept: [application/pdf, text/plain], required: true }
    transitions: { approve: { to: done } }
  done: { final: completed }
  cancelled: { final: cancelled }
`;

const fire = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state data history { input } tasks { id form { data } } } } }`;
const complete = `mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { instance { state data } } }`;
const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }`;
const readRequest = `query ($id: ID!) { request(id: $id) { attachments { edges { node { visibility createdBy { id } file { id } } } } workflow { state } } }`;
const readFile = `query ($id: ID!) { file(id: $id) { id status download { url } } }`;

let weft: SharedWeft;
let sql: postgres.Sql;
let tenant: TestTenant;
let requester: TestUser;
let operations: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  tenant = await weft.tenant();
  await tenant.definition(damage);
  await tenant.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    input: { key: "damage", name: "Damage", definitionKey: "damage", numberPrefix: "DM" },
  });
  [requester, operations] = [await tenant.user("requester"), await tenant.user("operations")];
});

afterAll(async () => {
  await sql.end();
});

interface Draft {
  readonly id: string;
  readonly workflow: { readonly id: string };
}

const draft = async (): Promise<Draft> =>
  (await requester.run<{ createRequest: { request: Draft } }>(createRequest, { input: { typeKey: "damage" } })).createRequest.request;

const submitted = (who: TestUser, instanceId: string, input: object) =>
  who.run<{ fireTransition: { instance: { tasks: { id: string }[] } } }>(fire, { input: { instanceId, transition: "submit", input } });

async function attachedTo(who: TestUser, id: string): Promise<string[]> {
  type Answer = { request: { attachments: { edges: { node: { file: { id: string } } }[] } } };
  const { request } = await who.run<Answer>(readRequest, { id });
  return request.attachments.edges.map(({ node }) => node.file.id).toSorted();
}

async function problemsOf(instanceId: string, input: object): Promise<string[]> {
  const { extensions } = await requester.refused(fire, { input: { instanceId, transition: "submit", input } });
  return ((extensions?.["problems"] ?? []) as { path: string; message: string }[]).map(({ path, message }) => `${path}: ${message}`);
}

test("files in answers are attached to the request, and everyone who sees the request can read them", async () => {
  const { id, workflow } = await draft();
  const [photo, first, second, scan] = [
    await uploadText(requester),
    await uploadText(requester),
    await uploadText(requester),
    await uploadText(requester),
  ];
  expect(await operations.refusal(readFile, { id: photo })).toBe("NOT_FOUND");
  const input = { photo, papers: [first, second], lines: [{ scan }, {}, { scan }] };
  const { fireTransition } = await submitted(requester, workflow.id, input);
  expect(fireTransition.instance).toMatchObject({ state: "review", data: { photo }, history: [{}, { input }] });
  expect(await attachedTo(requester, id)).toEqual([photo, first, second, scan].toSorted());
  expect(await operations.run(readFile, { id: scan })).toMatchObject({ file: { status: "STORED", download: {} } });
  expect(await (await tenant.user("requester")).refusal(readFile, { id: scan })).toBe("NOT_FOUND");
  // They do not expire.
  const waiting =
    await sql`select id from app.files where id = any(${[photo, first, second, scan].map((one) => decodeId("file", one))}) and due_at is not null`;
  expect(waiting).toEqual([]);
});

test("a task's form takes the files of earlier answers and new ones of the user who completes it", async () => {
  const { id, workflow } = await draft();
  const photo = await uploadText(requester);
  const { fireTransition } = await submitted(requester, workflow.id, { photo });
  const [task] = fireTransition.instance.tasks;
  const report = await uploadText(operations);
  const { completeTask } = await operations.run<{ completeTask: object }>(complete, {
    input: { id: task?.id, transition: "approve", input: { photo, report } },
  });
  expect(completeTask).toEqual({ instance: { state: "done", data: { photo } } });
  expect(await attachedTo(requester, id)).toEqual([photo, report].toSorted());
});

test("every file that cannot be an answer is named, and nothing is attached", async () => {
  const { id, workflow } = await draft();
  const problems = (input: object) => problemsOf(workflow.id, input);
  const unknown = "No upload of yours with this ID (fil_…) exists.";
  const other = await weft.tenant();
  expect(await problems({ photo: "fil_01jabcdefghjkmnpqrstvwxyz0" })).toEqual([`input.input.photo: ${unknown}`]);
  const papers = [await uploadText(requester), await uploadText(operations), await uploadText(other.admin)];
  expect(await problems({ papers })).toEqual([`input.input.papers[1]: ${unknown}`, `input.input.papers[2]: ${unknown}`]);

  const type = "text/csv";
  const csv = await uploadText(requester, { name: "a.csv", text: "a,b\n1,2\n", type });
  const large = await uploadText(requester, { text: "x".repeat(21) });
  expect(await problems({ photo: csv })).toEqual(["input.input.photo: Files of the type text/csv are not accepted here. Use text/plain."]);
  expect(await problems({ photo: large })).toEqual(["input.input.photo: The file has 21 bytes; the maximum is 20."]);

  const { createUpload } = await requester.run<{ createUpload: { file: { id: string } } }>(
    "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } } }",
    { input: { name: "later.txt", size: 10, type: "text/plain" } },
  );
  expect(await problems({ lines: [{}, { scan: createUpload.file.id }] })).toEqual([
    expect.stringContaining("input.input.lines[1].scan: The bytes of the file have not been received yet."),
  ]);
  const [scanned] = papers;
  await sql`update app.files set status = 'SCANNING' where id = ${decodeId("file", scanned ?? "")}`;
  expect(await problems({ papers: [scanned] })).toEqual([expect.stringContaining("still being scanned")]);

  expect(await attachedTo(requester, id)).toEqual([]);
  expect(await requester.run(readRequest, { id })).toMatchObject({ request: { workflow: { state: "draft" } } });
});

test("without a request, files belong to the workflow", async () => {
  const manager = await tenant.user("workflow_manager");
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
    { input: { definitionKey: "damage", data: {} } },
  );
  const photo = await uploadText(manager);
  await submitted(manager, startWorkflow.instance.id, { photo });
  expect(await operations.run(readFile, { id: photo })).toMatchObject({ file: { id: photo, status: "STORED" } });
  expect(await requester.refusal(readFile, { id: photo })).toBe("NOT_FOUND");
  const { user: vendorUser } = await tenant.vendor();
  expect(await vendorUser.refusal(readFile, { id: photo })).toBe("NOT_FOUND");
});

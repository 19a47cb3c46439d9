import {
  aMaintenanceTenant,
  type ApiError,
  brokenInvariants,
  type MaintenanceRequest,
  type MaintenanceTenant,
  startTestWeft,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { attachText } from "@weft/testkit/files/upload-file";
import { newHeatingType } from "@weft/testkit/tenants/heating-definition";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await aMaintenanceTenant(weft);
  await newHeatingType(acme, { defaultPriority: "HIGH" });
});

afterAll(() => weft.stop());

const convert = `mutation ($input: ConvertRequestInput!) { convertRequest(input: $input) {
  request { id number state status version data priority createdAt type { key } assignee { __typename } } } }`;
const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
const link = "mutation ($input: LinkRequestsInput!) { linkRequests(input: $input) { request { id } } }";
const watch = "mutation ($id: ID!) { watchRequest(input: { id: $id }) { request { id } } }";
const read = `query ($id: ID!) { request(id: $id) {
  number createdAt building { id } asset { id } watchers { id } links { kind isInverse request { id } }
  comments(first: 50) { edges { node { id text createdAt author { id } } } }
  attachments(first: 50) { edges { node { id file { name } } } } } }`;
const timeline = `query ($id: ID!) { request(id: $id) { timeline(first: 50) { totalCount edges { node {
  event to title actor { id } formerWorkflow { id state status data } } } } } }`;
const list = "query ($filter: RequestFilter!) { requests(first: 100, filter: $filter) { totalCount edges { node { id } } } }";

interface Entry {
  readonly event: string;
  readonly to: string | null;
  readonly title: string | null;
}
interface Timeline {
  readonly request: { readonly timeline: { readonly totalCount: number; readonly edges: readonly { readonly node: Entry }[] } };
}
interface List {
  readonly requests: { readonly totalCount: number; readonly edges: readonly { readonly node: { readonly id: string } }[] };
}

const data = { radiator: "left" };
const codeOf = (error: ApiError) => error.extensions?.["code"];
const problemsOf = (error: ApiError) => ((error.extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
const run = ({ id }: MaintenanceRequest, more: object = {}, user: TestUser = acme.operations) =>
  user.run<{ convertRequest: { request: { createdAt: string; number: string } } }>(convert, {
    input: { id, typeKey: "heating", data, ...more },
  });
const refused = ({ id }: MaintenanceRequest, more: object = {}, user: TestUser = acme.operations) =>
  user.refused(convert, { input: { id, typeKey: "heating", data, ...more } });

async function listed(user: TestUser, { id }: MaintenanceRequest, filter: object): Promise<boolean> {
  const { requests } = await user.run<List>(list, { filter });
  expect(requests.totalCount).toBe(requests.edges.length);
  return requests.edges.some(({ node }) => node.id === id);
}

async function entriesFor(user: TestUser, { id }: MaintenanceRequest): Promise<Entry[]> {
  const { totalCount, edges } = (await user.run<Timeline>(timeline, { id })).request.timeline;
  expect(totalCount).toBe(edges.length);
  return edges.map(({ node }) => node);
}

test("a converted request keeps everything but its type, its fields, and its workflow", async () => {
  const [request, other] = [await acme.request("triage"), await acme.request("triage")];
  const { id } = request;
  await acme.requester.run(comment, { input: { id, audience: "PUBLIC", text: "It is cold" } });
  await acme.operations.run(comment, { input: { id, audience: "INTERNAL", text: "Not the elevator" } });
  await attachText(acme.operations, { objectId: id, name: "photo.txt", visibility: "SHARED" });
  await acme.operations.run(link, { input: { id, kind: "BLOCKS", toId: other.id } });
  await acme.manager.run(watch, { id });
  const before = await acme.operations.run(read, { id });
  const { convertRequest } = await run(request);
  expect(convertRequest.request).toMatchObject({
    id,
    state: "reported",
    status: "RUNNING",
    // The form of both types has the field `summary`.
    data: { summary: "The elevator grinds", radiator: "left" },
    priority: "HIGH",
    type: { key: "heating" },
    assignee: null,
  });
  expect(convertRequest.request.number).toMatch(/^MR-/);
  expect(await acme.operations.run(read, { id })).toEqual(before);
  await acme.requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
  expect(await listed(acme.operations, request, { state: { eq: "open" } })).toBe(true);
});

test("the timeline shows the former workflow, the conversion, and the new workflow", async () => {
  const request = await acme.request("triage");
  await run(request);
  const entries = (await entriesFor(acme.requester, request)).filter(({ event }) => event !== "SLA_START");
  expect(entries.map(({ event, to }) => [event, to])).toEqual([
    ["START", "reported"],
    ["CONVERTED", null],
    ["CANCELLATION", "cancelled"],
    ["TRANSITION", "triage"],
    ["START", "draft"],
  ]);
  expect(entries[1]).toEqual({
    event: "CONVERTED",
    to: null,
    title: "Maintenance",
    actor: { id: acme.operations.id },
    formerWorkflow: {
      id: request.instanceId,
      state: "cancelled",
      status: "CANCELLED",
      data: { summary: "The elevator grinds", estimate: 12_000 },
    },
  });
});

test("reading the request as of a time before the conversion shows its former type and state", async () => {
  const { id, ...request } = await acme.request("triage");
  const now = "query ($id: ID!) { request(id: $id) { updatedAt } }";
  const { updatedAt } = (await acme.operations.run<{ request: { updatedAt: string } }>(now, { id })).request;
  await run({ id, ...request });
  const past = "query ($id: ID!, $at: DateTime!) { request(id: $id, asOf: $at) { state type { key } workflow { id } data } }";
  expect(await acme.operations.run(past, { id, at: updatedAt })).toEqual({
    request: {
      state: "triage",
      type: { key: "maintenance" },
      workflow: { id: request.instanceId },
      data: { summary: "The elevator grinds", estimate: 12_000 },
    },
  });
});

test("clocks of the former workflow end, and those of the new one count from the conversion", async () => {
  const request = await acme.request("triage");
  await run(request);
  await run(request, { typeKey: "maintenance", data: { estimate: 10 } });
  await run(request);
  const ofClocks = (await entriesFor(acme.operations, request)).filter(({ event }) => event.startsWith("SLA_"));
  expect(ofClocks.map(({ event }) => event).toSorted()).toEqual(["SLA_CANCELLED", "SLA_START", "SLA_START"]);
  const clocks = "query ($id: ID!) { request(id: $id) { workflow { slaStatus { status isBreached } } } }";
  expect(await acme.operations.run(clocks, { id: request.id })).toMatchObject({
    request: { workflow: { slaStatus: [{ status: "ON_TRACK", isBreached: false }] } },
  });
});

test("lists, counts, and searches contain the request once, with its new fields and state", async () => {
  const request = await acme.request("triage");
  await run(request, { data: { radiator: "quixotic" } });
  for (const user of [acme.requester, acme.operations]) {
    expect(await listed(user, request, { search: { contains: "quixotic" } })).toBe(true);
    expect(await listed(user, request, { state: { eq: "reported" } })).toBe(true);
    expect(await listed(user, request, { status: { eq: "CANCELLED" } })).toBe(false);
    expect(await listed(user, request, { typeKey: { eq: "heating" } })).toBe(true);
    const { requests } = await user.run<List>(list, { filter: {} });
    expect(requests.edges.filter(({ node }) => node.id === request.id)).toHaveLength(1);
    expect(requests.totalCount).toBe(requests.edges.length);
  }
});

test("the conversion is delivered live, and does not end the duplicates of the request", async () => {
  const [request, duplicate] = [await acme.request("triage"), await acme.request("triage")];
  await acme.operations.run(link, { input: { id: duplicate.id, kind: "DUPLICATES", toId: request.id } });
  const live = "subscription ($id: ID!) { requestChanged(id: $id) { change request { type { key } } } }";
  const feed = await acme.operations.subscribe<{ change: string }>("requestChanged", live, { id: request.id });
  await run(request);
  expect(await feed.until((payloads) => payloads.length > 0)).toEqual([{ change: "UPDATED", request: { type: { key: "heating" } } }]);
  await feed.stop();
  await weft.weft.worker.idle();
  expect(await listed(acme.operations, duplicate, { status: { eq: "RUNNING" } })).toBe(true);
});

test("the vendor of a converted request sees neither it nor its former workflow", async () => {
  const [request, kept] = [await acme.request("assigned"), await acme.request("assigned")];
  const asset = "query ($id: ID!) { asset(id: $id) { id } }";
  await run(request);
  expect(codeOf(await acme.vendor.user.refused(read, { id: request.id }))).toBe("NOT_FOUND");
  const instance = "query ($id: ID!) { workflowInstance(id: $id) { id } }";
  expect(codeOf(await acme.vendor.user.refused(instance, { id: request.instanceId }))).toBe("NOT_FOUND");
  // Another request of the vendor is about the same asset.
  expect(await acme.vendor.user.run(asset, { id: acme.assetId })).toEqual({ asset: { id: acme.assetId } });
  expect(await listed(acme.vendor.user, kept, {})).toBe(true);
  expect(await listed(acme.vendor.user, request, {})).toBe(false);
});

test("a vendor to which a converted request is assigned sees and finds nothing of its former workflow", async () => {
  const request = await acme.request("triage");
  const onWorkflow = "mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }";
  await acme.requester.run(onWorkflow, { input: { instanceId: request.instanceId, audience: "PUBLIC", comment: "Zephyrous noise" } });
  await run(request);
  await acme.assign(request, { vendorId: acme.vendor.id });
  expect((await entriesFor(acme.vendor.user, request)).map(({ event }) => event)).not.toContain("CANCELLATION");
  const filter = { search: { contains: "zephyrous" } };
  expect(await listed(acme.vendor.user, request, {})).toBe(true);
  expect(await listed(acme.vendor.user, request, filter)).toBe(false);
  for (const user of [acme.requester, acme.operations]) expect(await listed(user, request, filter)).toBe(true);
});

test("a request cannot be converted to its own type, with invalid fields, with an old version, or after its end", async () => {
  const [request, ended] = [await acme.request("triage"), await acme.request("closed")];
  const before = await entriesFor(acme.operations, request);
  expect(problemsOf(await refused(request, { typeKey: "maintenance" }))).toEqual(["input.typeKey"]);
  expect(problemsOf(await refused(request, { typeKey: "none" }))).toEqual(["input.typeKey"]);
  expect(codeOf(await refused(request, { data: {} }))).toBe("BAD_USER_INPUT");
  expect(codeOf(await refused(request, { expectedVersion: 1 }))).toBe("CONFLICT");
  expect(codeOf(await refused(ended))).toBe("TRANSITION_REJECTED");
  expect(await entriesFor(acme.operations, request)).toEqual(before);
});

test("of two conversions at once one succeeds", async () => {
  const request = await acme.request("triage");
  const results = await Promise.allSettled([run(request), run(request, {}, acme.manager)]);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect((await entriesFor(acme.operations, request)).filter(({ event }) => event === "CONVERTED")).toHaveLength(1);
});

test("requesters, users of a vendor, and users of another tenant cannot convert a request", async () => {
  const request = await acme.request("assigned");
  for (const user of [acme.requester, acme.vendor.user]) expect(codeOf(await refused(request, {}, user))).toBe("FORBIDDEN");
  const globex = await aMaintenanceTenant(weft);
  expect(codeOf(await refused(request, {}, globex.operations))).toBe("NOT_FOUND");
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

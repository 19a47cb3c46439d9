import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  admin = tenant.admin;
  await tenant.maintenance();
});

const create = "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }";
const update = `mutation ($input: UpdateRequestTypeInput!) { updateRequestType(input: $input) { requestType {
  name version icon position roleKeys teams { id } route versions { version message terms } } } }`;
const deactivate = "mutation ($input: RequestTypeStatusInput!) { deactivateRequestType(input: $input) { requestType { status version } } }";
const activate = "mutation ($input: RequestTypeStatusInput!) { reactivateRequestType(input: $input) { requestType { status version } } }";
const catalog = "{ catalog { key icon form { name } } }";
const read = "query ($id: ID!) { requestType(id: $id) { status form { name } } }";
const createRequest = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { number } } }";

const definition = { definitionKey: "maintenance-request", fields: ["summary"] };
let made = 0;

async function newType(key: string, more: object = {}): Promise<string> {
  const input = { key, name: key, numberPrefix: `T${++made}`, ...definition, ...more };
  const { createRequestType } = await admin.run<{ createRequestType: { requestType: { id: string } } }>(create, { input });
  return createRequestType.requestType.id;
}

async function numberOf(typeKey: string, user = admin): Promise<string> {
  const { createRequest: made } = await user.run<{ createRequest: { request: { number: string } } }>(createRequest, {
    input: { typeKey, data: { summary: "Something", estimate: 1 } },
  });
  return made.request.number;
}

const keysFor = async (user: TestUser): Promise<string[]> =>
  (await user.run<{ catalog: { key: string }[] }>(catalog)).catalog.map(({ key }) => key);

const problemsOf = async (operation: string, input: object): Promise<unknown> =>
  (await admin.refused(operation, { input })).extensions?.["problems"];

describe("a change of a request type", () => {
  test("keeps omitted fields, clears those that are null, and leaves a version with its message", async () => {
    const id = await newType("changed", { icon: "lamp", route: "night-shift" });
    const { updateRequestType } = await admin.run<{
      updateRequestType: { requestType: { versions: { version: number; message: string | null; terms: object }[] } };
    }>(update, { input: { id, expectedVersion: 1, name: "Changed", position: 3, route: null, message: "Nobody works at night" } });
    const { versions, ...type } = updateRequestType.requestType;
    expect(type).toMatchObject({ name: "Changed", version: 2, icon: "lamp", position: 3, route: null });
    expect(versions).toMatchObject([
      { version: 2, message: "Nobody works at night", terms: { name: "Changed", route: null } },
      { version: 1, message: null, terms: { name: "changed", route: "night-shift" } },
    ]);
  });

  test("is refused for an old version, without a change, and for references that do not exist, all at once", async () => {
    const id = await newType("guarded");
    const { extensions } = await admin.refused(update, { input: { id, expectedVersion: 7, name: "Late" } });
    expect(extensions).toMatchObject({ code: "CONFLICT", currentVersion: 1 });
    expect(await problemsOf(update, { id })).toMatchObject([
      { message: expect.stringMatching(/at least one of name, .*roleKeys.*, watcherUserIds\.$/) as unknown },
    ]);
    expect(await problemsOf(update, { id, submitTransition: "fly", fields: ["color"] })).toMatchObject([
      { path: "input.submitTransition" },
      { path: "input.fields.0" },
    ]);
    const teamId = await tenant.team("electricians");
    const unknownTeam = `${teamId.slice(0, -4)}0000`;
    expect(await problemsOf(update, { id, roleKeys: ["requester", "pilot"], teamIds: [teamId, unknownTeam] })).toMatchObject([
      { path: "input.roleKeys.1" },
      { path: "input.teamIds.1" },
    ]);
    expect(await problemsOf(update, { id, numberPrefix: "MR" })).toMatchObject([{ path: "input.numberPrefix" }]);
  });

  test("applies to the next request", async () => {
    const id = await newType("renumbered");
    const first = await numberOf("renumbered");
    await admin.run(update, { input: { id, numberPrefix: "NEW", numberDigits: 4 } });
    expect(first).toMatch(/^T\d+-1$/);
    expect(await numberOf("renumbered")).toBe("NEW-0001");
  });

  test("sets the priority of the next request, which triage overrides and returns to", async () => {
    const id = await newType("urgent", { defaultPriority: "URGENT" });
    const triage = `mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { priority isPrioritySet } } }`;
    const triaged = async (input: object) =>
      (await admin.run<{ triageRequest: { request: object } }>(triage, { input })).triageRequest.request;
    const { createRequest: created } = await admin.run<{ createRequest: { request: { id: string } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id priority isPrioritySet } } }",
      { input: { typeKey: "urgent", data: { summary: "Smoke", estimate: 1 } } },
    );
    expect(created.request).toMatchObject({ priority: "URGENT", isPrioritySet: false });
    const { id: requestId } = created.request;
    expect(await triaged({ id: requestId, impact: "LOW", urgency: "LOW" })).toMatchObject({ priority: "LOW" });
    await admin.run(update, { input: { id, defaultPriority: "HIGH", message: "Fewer alarms" } });
    expect(await triaged({ id: requestId, urgency: null })).toEqual({ priority: "HIGH", isPrioritySet: false });
    expect(await triaged({ id: requestId, priority: "NORMAL" })).toEqual({ priority: "NORMAL", isPrioritySet: true });
    const { requestType } = await admin.run<{ requestType: object }>(
      "query ($id: ID!) { requestType(id: $id) { defaultPriority versions { terms } } }",
      { id },
    );
    expect(requestType).toMatchObject({
      defaultPriority: "HIGH",
      versions: [{ terms: { defaultPriority: "HIGH" } }, { terms: { defaultPriority: "URGENT" } }],
    });
  });

  test("is made by users with the permission, and its history is shown to them alone", async () => {
    const id = await newType("private");
    const operations = await tenant.user("operations");
    expect(await operations.refusal(update, { input: { id, name: "Mine" } })).toBe("FORBIDDEN");
    const answer = await operations.send("query ($id: ID!) { requestType(id: $id) { name versions { version } } }", { id });
    expect(answer.errors?.map(({ extensions }) => extensions?.["code"])).toEqual(["FORBIDDEN"]);
    expect(answer.data).toEqual({ requestType: { name: "private", versions: null } });
  });
});

describe("numbers of requests", () => {
  test("contain the year and are padded if the type says so, without gaps", async () => {
    await newType("by-year", { numberPrefix: "BY", isNumberedByYear: true, numberDigits: 5 });
    const year = new Date().getUTCFullYear();
    expect(await numberOf("by-year")).toBe(`BY-${year}-00001`);
    expect(await numberOf("by-year")).toBe(`BY-${year}-00002`);
    expect(await problemsOf(create, { key: "wide", name: "Wide", numberPrefix: "WI", ...definition, numberDigits: 11 })).toMatchObject([
      { path: "input.numberDigits" },
    ]);
  });
});

describe("an inactive request type", () => {
  test("takes no new requests and has no form, until it is activated again", async () => {
    const id = await newType("paused");
    const { deactivateRequestType } = await admin.run<{ deactivateRequestType: object }>(deactivate, { input: { id } });
    expect(deactivateRequestType).toEqual({ requestType: { status: "INACTIVE", version: 2 } });
    expect(await admin.run(deactivate, { input: { id } })).toEqual({
      deactivateRequestType: { requestType: { status: "INACTIVE", version: 2 } },
    });
    expect(await problemsOf(createRequest, { typeKey: "paused", data: { summary: "x", estimate: 1 } })).toEqual([
      { path: "input.typeKey", message: 'The request type "paused" is inactive. Choose another one.' },
    ]);
    expect(await admin.run(read, { id })).toEqual({ requestType: { status: "INACTIVE", form: null } });
    expect(await keysFor(admin)).not.toContain("paused");
    await admin.run(activate, { input: { id, expectedVersion: 2 } });
    expect(await keysFor(admin)).toContain("paused");
    expect(await numberOf("paused")).toMatch(/-1$/);
  });
});

describe("the catalog", () => {
  test("has the types that are open to the viewer's roles and teams, by position and name, with their forms", async () => {
    const other = await weft.tenant();
    await other.maintenance();
    const input = { ...definition, name: "B", numberPrefix: "B", key: "b" };
    const teamId = await other.team("crew");
    for (const type of [
      input,
      { ...input, key: "a", name: "A", numberPrefix: "A", icon: "bolt" },
      { ...input, key: "first", name: "Z", numberPrefix: "F", position: -1 },
      { ...input, key: "for-operations", name: "C", numberPrefix: "C", roleKeys: ["operations"] },
      { ...input, key: "for-crew", name: "D", numberPrefix: "D", teamIds: [teamId] },
    ])
      await other.admin.run(create, { input: type });
    const requester = await other.user("requester");
    const operations = await other.user("operations");
    const member = await other.user("requester", { teams: ["crew"] });
    expect(await keysFor(requester)).toEqual(["first", "a", "b", "maintenance"]);
    expect(await keysFor(operations)).toEqual(["first", "a", "b", "for-operations", "maintenance"]);
    expect(await keysFor(member)).toEqual(["first", "a", "b", "for-crew", "maintenance"]);
    const found = await requester.run<{ catalog: { key: string; icon: string | null; form: object }[] }>(catalog);
    expect(found.catalog[1]).toEqual({ key: "a", icon: "bolt", form: { name: "a" } });
    const error = await requester.refused(createRequest, { input: { typeKey: "for-crew", data: { summary: "x", estimate: 1 } } });
    expect(error.extensions?.["problems"]).toMatchObject([{ path: "input.typeKey" }]);
    await member.run(createRequest, { input: { typeKey: "for-crew", data: { summary: "x", estimate: 1 } } });
    expect(await (await other.user("viewer")).refusal(catalog)).toBe("FORBIDDEN");
  });
});

describe("another tenant", () => {
  test("neither changes nor deactivates a type", async () => {
    const id = await newType("own");
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(deactivate, { input: { id } })).toBe("NOT_FOUND");
    expect(await keysFor(globex.admin)).toEqual([]);
  });
});

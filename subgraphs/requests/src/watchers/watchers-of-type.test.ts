import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let made = 0;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const createType = "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }";
const updateType = `mutation ($input: UpdateRequestTypeInput!) { updateRequestType(input: $input) { requestType {
  watcherRoleKeys watcherTeams { id } watcherUsers { id } versions { version } } } }`;
const create = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } watchers { id } } } }";
const submit = "mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { watchers { id } } } }";
const watch = "mutation ($id: ID!) { watchRequest(input: { id: $id }) { request { id } } }";
const unwatch = "mutation ($id: ID!) { unwatchRequest(input: { id: $id }) { request { id } } }";
const setPermissions = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";

const newType = (watchers: object) => {
  const key = `watched-${++made}`;
  return { key, name: key, definitionKey: "maintenance-request", numberPrefix: `W${made}`, fields: ["summary", "estimate"], ...watchers };
};

async function draftOf(type: { readonly key: string }): Promise<{ id: string; instanceId: string }> {
  await acme.admin.run(createType, { input: type });
  const { createRequest } = await acme.requester.run<{
    createRequest: { request: { id: string; workflow: { id: string }; watchers: object[] } };
  }>(create, { input: { typeKey: type.key, data: { summary: "A draft", estimate: 1 } } });
  expect(createRequest.request.watchers).toEqual([]);
  return { id: createRequest.request.id, instanceId: createRequest.request.workflow.id };
}

async function submitted(id: string): Promise<string[]> {
  const { submitRequest } = await acme.requester.run<{ submitRequest: { request: { watchers: { id: string }[] } } }>(submit, { id });
  return submitRequest.request.watchers.map((user) => user.id).toSorted();
}

async function titlesOf(user: TestUser): Promise<string[]> {
  await weft.weft.worker.idle();
  const { notifications } = await user.run<{ notifications: { edges: { node: { title: string } }[] } }>(
    "{ notifications(first: 100) { edges { node { title } } } }",
  );
  return notifications.edges.map(({ node }) => node.title);
}

const moved = expect.stringMatching(/^A request that you watch moved from /) as string;

test("the roles, teams, and users of a type watch its requests from their submission, if they can see them", async () => {
  const teamId = await acme.tenant.team("caretakers");
  const [ofRole, named, stranger] = [
    await acme.tenant.user("underwriter"),
    await acme.tenant.user("viewer"),
    await acme.tenant.user("requester"),
  ];
  const [ofTeam, blind] = [
    await acme.tenant.user("viewer", { teams: ["caretakers"] }),
    await acme.tenant.user("requester", { teams: ["caretakers"] }),
  ];
  const type = newType({ watcherRoleKeys: ["underwriter"], watcherTeamIds: [teamId], watcherUserIds: [named.id, stranger.id, ofTeam.id] });
  const { id } = await draftOf(type);
  expect(await submitted(id)).toEqual([ofRole.id, ofTeam.id, named.id].toSorted());
  expect(await titlesOf(named)).toContainEqual(moved);
  for (const other of [stranger, blind]) expect(await titlesOf(other)).toEqual([]);
});

test("a user who has stopped watching is not added again", async () => {
  const vera = await acme.tenant.user("viewer");
  const { id } = await draftOf(newType({ watcherUserIds: [vera.id] }));
  await vera.run(watch, { id });
  await vera.run(unwatch, { id });
  expect(await submitted(id)).toEqual([]);
});

test("the change of a type applies to requests that are submitted afterwards, and is refused for what does not exist", async () => {
  const [vera, otherTenant] = [await acme.tenant.user("viewer"), await weft.tenant("Globex")];
  const type = newType({});
  const { id } = await draftOf(type);
  const { requestTypes } = await acme.admin.run<{ requestTypes: { edges: { node: { id: string } }[] } }>(
    "query ($key: String!) { requestTypes(filter: { key: { eq: $key } }, first: 1) { edges { node { id } } } }",
    { key: type.key },
  );
  const typeId = requestTypes.edges[0]?.node.id ?? "";
  const unknown = { watcherRoleKeys: ["pilot"], watcherUserIds: [vera.id, otherTenant.admin.id, acme.vendor.user.id] };
  const error = await acme.admin.refused(updateType, { input: { id: typeId, ...unknown } });
  expect(error.extensions?.["problems"]).toEqual([
    { path: "input.watcherRoleKeys.0", message: 'No role with the key "pilot" exists.' },
    ...[1, 2].map((index) => ({
      path: `input.watcherUserIds.${index}`,
      message: `No active user of the organization with the ID ${unknown.watcherUserIds[index] ?? ""} exists.`,
    })),
  ]);
  expect(await acme.admin.run(updateType, { input: { id: typeId, watcherUserIds: [vera.id] } })).toEqual({
    updateRequestType: {
      requestType: { watcherRoleKeys: [], watcherTeams: [], watcherUsers: [{ id: vera.id }], versions: [{ version: 2 }, { version: 1 }] },
    },
  });
  expect(await submitted(id)).toEqual([vera.id]);
});

test("a user of a vendor does not learn who watches", async () => {
  const query = "{ requestTypes(first: 1) { edges { node { name watcherRoleKeys watcherTeams { id } watcherUsers { id } } } } }";
  const { data, errors } = await acme.vendor.user.send(query);
  expect(data).toMatchObject({
    requestTypes: {
      edges: [{ node: { name: expect.any(String) as string, watcherRoleKeys: null, watcherTeams: null, watcherUsers: null } }],
    },
  });
  expect(errors?.map(({ extensions }) => extensions?.["code"])).toEqual(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
});

test("a watcher who can no longer see the request is not notified", async () => {
  const { id, instanceId } = await acme.request("triage");
  const [vera, viktor] = [await acme.tenant.user("viewer"), await acme.tenant.user("viewer")];
  for (const user of [vera, viktor]) await user.run(watch, { id });
  await acme.admin.run(setPermissions, {
    input: { userId: viktor.id, grants: [], denials: [{ permission: "request.read", scope: "TENANT" }], reason: "Moved on" },
  });
  await acme.fire(acme.operations, { id, instanceId }, "escalate");
  expect(await titlesOf(vera)).toContainEqual(moved);
  expect(await titlesOf(viktor)).toEqual([]);
});

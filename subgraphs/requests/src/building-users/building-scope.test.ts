import { customerPermissions } from "@weft/shared/viewer";
import {
  aMaintenanceTenant,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { attachText } from "@weft/testkit/files/upload-file";
import { newExport } from "@weft/testkit/tenants/new-export";
import { until } from "@weft/testkit/until";
import { beforeAll, describe, expect, test } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

let weft: SharedWeft;
let acme: MaintenanceTenant;
/** Has every permission in scope BUILDING, and is assigned to `near`. */
let caretaker: TestUser;
let near: Place;
let far: Place;

/** A building with a space, an asset with a meter, and a request that is in approval. */
interface Place {
  readonly buildingId: string;
  readonly spaceId: string;
  readonly assetId: string;
  readonly meterId: string;
  readonly request: MaintenanceRequest;
  readonly taskId: string;
  /** An internal file of the request. */
  readonly fileId: string;
}

const create = async (mutation: string, input: Record<string, unknown>): Promise<string> => {
  const [name = ""] = /\w+/.exec(mutation) ?? [];
  const [field = ""] = /(?<=\{ )\w+/.exec(mutation) ?? [];
  const data = await acme.admin.run<Record<string, Record<string, { id: string }>>>(
    `mutation ($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { ${field} { id } } }`,
    { input },
  );
  return data[name]?.[field]?.id ?? "";
};

const assign = (buildingId: string, users: readonly TestUser[]) =>
  acme.admin.run("mutation ($input: BuildingUsersInput!) { assignBuildingUsers(input: $input) { building { id } } }", {
    input: { buildingId, userIds: users.map(({ id }) => id) },
  });

async function furnished(code: string): Promise<Place> {
  const buildingId = await create("createBuilding { building", { code, name: `House ${code}` });
  const spaceId = await create("createSpace { space", { buildingId, kind: "FLOOR", code: "GF", name: `Floor of ${code}` });
  const assetId = await create("createAsset { asset", { buildingId, tag: `${code}-LIFT`, name: `Lift of ${code}`, type: "elevator" });
  const meterId = await create("createMeter { meter", { assetId, name: "Hours", unit: "h", kind: "CUMULATIVE" });
  const { createRequest } = await acme.requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input: { typeKey: "maintenance", assetId, data: { summary: `Noise in ${code}`, estimate: 12_000 } } },
  );
  const request = { id: createRequest.request.id, instanceId: createRequest.request.workflow.id };
  await acme.fire(acme.requester, request, "submit");
  const { workflowInstance } = await acme.admin.run<{ workflowInstance: { tasks: { id: string }[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    { id: request.instanceId },
  );
  const { fileId } = await attachText(acme.operations, { objectId: request.id, visibility: "INTERNAL", name: `${code}.txt` });
  return { buildingId, spaceId, assetId, meterId, request, taskId: workflowInstance.tasks[0]?.id ?? "", fileId };
}

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  const wide = ["requestType.read", "definition.read", "user.read", "file.create"];
  await create("createRole { role", {
    key: "caretaker",
    name: "Caretaker",
    permissions: customerPermissions.map((permission) => ({
      permission,
      scope: wide.includes(permission) ? "TENANT" : permission === "notification.read" ? "OWN" : "BUILDING",
    })),
  });
  caretaker = await acme.tenant.user("caretaker");
  [near, far] = [await furnished("NEAR"), await furnished("FAR")];
  await assign(near.buildingId, [caretaker]);
});

const nodes = async (user: TestUser, list: string): Promise<string[]> => {
  const answer = await user.run<Record<string, { totalCount: number; edges: { node: { id: string } }[] }>>(
    `{ list: ${list} { totalCount edges { node { id } } } }`,
  );
  const { totalCount = Number.NaN, edges = [] } = answer["list"] ?? {};
  expect(totalCount).toBe(edges.length);
  return edges.map(({ node }) => node.id);
};

describe("a user whose permissions are limited to a building", () => {
  test.each([
    ["buildings(first: 50)", (place: Place) => place.buildingId],
    ["spaces(first: 50)", (place: Place) => place.spaceId],
    ["assets(first: 50)", (place: Place) => place.assetId],
    ["requests(first: 50)", (place: Place) => place.request.id],
    ["requests(first: 50, orderBy: { field: STATE })", (place: Place) => place.request.id],
    ["requests(first: 50, orderBy: { field: SLA_DUE_AT })", (place: Place) => place.request.id],
    ["workflowInstances(first: 50)", (place: Place) => place.request.instanceId],
    ["tasks(first: 50)", (place: Place) => place.taskId],
    ['requests(first: 50, filter: { search: { contains: "noise" } })', (place: Place) => place.request.id],
    ['assets(first: 50, filter: { search: { contains: "lift" } })', (place: Place) => place.assetId],
    ['buildings(first: 50, filter: { search: { contains: "house" } })', (place: Place) => place.buildingId],
    ['spaces(first: 50, filter: { search: { contains: "floor" } })', (place: Place) => place.spaceId],
  ])("finds and counts in %s only what is in the building", async (list, idOf) => {
    expect(await nodes(caretaker, list)).toEqual([idOf(near)]);
    expect(await nodes(acme.admin, list)).toEqual(expect.arrayContaining([idOf(near), idOf(far)]));
  });

  test("finds nothing by the IDs of another building", async () => {
    const ids = ({ buildingId, spaceId, assetId, meterId, request, taskId }: Place) => [
      buildingId,
      spaceId,
      assetId,
      meterId,
      request.id,
      request.instanceId,
      taskId,
    ];
    const query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    const found = await caretaker.run<{ nodes: ({ id: string } | null)[] }>(query, { ids: [...ids(near), ...ids(far)] });
    expect(found.nodes.map((node) => node?.id ?? null)).toEqual([...ids(near), ...ids(far).map(() => null)]);
    const download = "query ($id: ID!) { file(id: $id) { download { url } } }";
    expect(await caretaker.run(download, { id: near.fileId })).toMatchObject({ file: { download: { url: expect.any(String) as string } } });
    expect(await caretaker.refusal(download, { id: far.fileId })).toBe("NOT_FOUND");
  });

  test("cannot change anything in another building, or put something there", async () => {
    expect(
      await caretaker.refusal('mutation ($id: ID!) { updateAsset(input: { id: $id, name: "Mine" }) { asset { id } } }', {
        id: far.assetId,
      }),
    ).toBe("NOT_FOUND");
    expect(
      await caretaker.refusal(
        'mutation ($id: ID!) { commentOnRequest(input: { id: $id, audience: PUBLIC, text: "Hello" }) { comment { id } } }',
        {
          id: far.request.id,
        },
      ),
    ).toBe("NOT_FOUND");
    const moved = await caretaker.refused("mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { id } } }", {
      input: { id: near.request.id, assetId: null, buildingId: far.buildingId },
    });
    expect(moved.message).toBe(`input.buildingId: No building with the ID ${far.buildingId} exists.`);
    expect(
      await caretaker.run('mutation ($id: ID!) { updateAsset(input: { id: $id, model: "M1" }) { asset { id } } }', { id: near.assetId }),
    ).toBeDefined();
  });

  test("works on the requests of the building: reads internal comments and files", async () => {
    const internal = { id: near.request.id, audience: "INTERNAL", text: "Noise from the motor" };
    await acme.operations.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
      input: internal,
    });
    const seen = await caretaker.run<{ request: object }>(
      "query ($id: ID!) { request(id: $id) { building { code } comments(first: 5) { edges { node { text } } } attachments(first: 5) { edges { node { visibility } } } } }",
      { id: near.request.id },
    );
    expect(seen.request).toEqual({
      building: { code: "NEAR" },
      comments: { edges: [{ node: { text: "Noise from the motor" } }] },
      attachments: { edges: [{ node: { visibility: "INTERNAL" } }] },
    });
  });

  test("exports and counts only what is in the building, and exports end with the assignment", async () => {
    const keeper = await acme.tenant.user("caretaker");
    await assign(near.buildingId, [keeper]);
    const again = await keeper.again();
    const id = await newExport(again);
    const query = "query ($id: ID!) { export(id: $id) { status rowCount file { id } } }";
    const done = await until(
      async () => {
        const { export: made } = await again.run<{ export: { status: string; rowCount: number; file: { id: string } | null } }>(query, {
          id,
        });
        return made.status === "RUNNING" ? null : made;
      },
      { what: "the export has ended" },
    );
    expect(done).toMatchObject({ status: "COMPLETED", rowCount: 1 });
    await acme.admin.run("mutation ($input: BuildingUsersInput!) { unassignBuildingUsers(input: $input) { building { id } } }", {
      input: { buildingId: near.buildingId, userIds: [keeper.id] },
    });
    expect(await (await keeper.again()).run(query, { id })).toMatchObject({ export: { file: null } });
  });

  test("sees what is assigned to them as soon as they are, and nothing after", async () => {
    const mover = await acme.tenant.user("caretaker");
    expect(await nodes(mover, "requests(first: 50)")).toEqual([]);
    await assign(far.buildingId, [mover]);
    const assigned = await mover.again();
    expect(await nodes(assigned, "requests(first: 50)")).toEqual([far.request.id]);
    await acme.admin.run("mutation ($input: BuildingUsersInput!) { unassignBuildingUsers(input: $input) { building { id } } }", {
      input: { buildingId: far.buildingId, userIds: [mover.id] },
    });
    expect(await nodes(await mover.again(), "requests(first: 50)")).toEqual([]);
  });

  test("a denial in scope BUILDING hides the building from a user who sees everything else", async () => {
    const watcher = await acme.tenant.user("viewer");
    await acme.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
      input: {
        userId: watcher.id,
        grants: [],
        denials: ["request.read", "workflow.read", "asset.read"].map((permission) => ({ permission, scope: "BUILDING" })),
        reason: "Lives there",
      },
    });
    await assign(far.buildingId, [watcher]);
    const again = await watcher.again();
    expect(await nodes(again, "requests(first: 50)")).toEqual([near.request.id]);
    expect(await nodes(again, "workflowInstances(first: 50)")).toEqual([near.request.instanceId]);
    expect(await nodes(again, 'assets(first: 50, filter: { search: { contains: "lift" } })')).toEqual([near.assetId]);
  });

  test("access explanations and the list of users who can act know the scope", async () => {
    const explain =
      'query ($user: ID!, $id: ID!) { explainAccess(userId: $user, permission: "request.read", objectId: $id) { isAllowed decidedBy } }';
    const explained = (place: Place) => acme.admin.run(explain, { user: caretaker.id, id: place.request.id });
    expect(await explained(near)).toEqual({ explainAccess: { isAllowed: true, decidedBy: "SCOPE" } });
    expect(await explained(far)).toEqual({ explainAccess: { isAllowed: false, decidedBy: "SCOPE" } });
    const who =
      "query ($permission: String!, $id: ID!) { whoCan(permission: $permission, objectId: $id, first: 100) { edges { node { user { id } } } } }";
    const can = async (permission: string, id: string) => {
      const { whoCan } = await acme.admin.run<{ whoCan: { edges: { node: { user: { id: string } } }[] } }>(who, { permission, id });
      return whoCan.edges.some(({ node }) => node.user.id === caretaker.id);
    };
    for (const [permission, of] of [
      ["request.read", (place: Place) => place.request.id],
      ["workflow.read", (place: Place) => place.request.instanceId],
      ["asset.read", (place: Place) => place.assetId],
      ["building.read", (place: Place) => place.buildingId],
    ] as const)
      expect([permission, await can(permission, of(near)), await can(permission, of(far))]).toEqual([permission, true, false]);
  });
});

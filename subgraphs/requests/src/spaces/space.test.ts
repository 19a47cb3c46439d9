import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => {} });
});

afterAll(async () => {
  await owner.end();
});

const create = "mutation ($input: CreateSpaceInput!) { createSpace(input: $input) { space { id } } }";
const update = "mutation ($input: UpdateSpaceInput!) { updateSpace(input: $input) { space { code name kind version } } }";
const move = "mutation ($input: MoveSpaceInput!) { moveSpace(input: $input) { space { position parent { code } } } }";
const remove = "mutation ($input: VersionedIdInput!) { deleteSpace(input: $input) { id } }";
const restore = "mutation ($input: VersionedIdInput!) { restoreSpace(input: $input) { space { code parent { code } version } } }";
const read = "query ($id: ID!) { space(id: $id) { code building { code } parent { code } } }";
const list = `query ($filter: SpaceFilter, $orderBy: SpaceOrder) {
  spaces(filter: $filter, orderBy: $orderBy, first: 100) { totalCount edges { node { code } } } }`;
const tree = `query ($id: ID!) { building(id: $id) { spaces(first: 10) { totalCount edges { node { code
  spacesWithin(first: 10) { totalCount edges { node { code } } } } } } } }`;

async function building(code: string): Promise<string> {
  const { createBuilding } = await acme.admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code, name: "A house" } },
  );
  return createBuilding.building.id;
}

async function space(buildingId: string, code: string, more: object = {}): Promise<string> {
  const input = { buildingId, kind: "ROOM", code, name: `Room ${code}`, ...more };
  return (await acme.admin.run<{ createSpace: { space: { id: string } } }>(create, { input })).createSpace.space.id;
}

/** Codes of the spaces in a building, with those that each contains. */
async function codesIn(buildingId: string, user: TestUser = acme.admin): Promise<[string, string[]][]> {
  interface Level<More> {
    readonly totalCount: number;
    readonly edges: { node: { code: string } & More }[];
  }
  const found = await user.run<{ building: { spaces: Level<{ spacesWithin: Level<object> }> } }>(tree, { id: buildingId });
  const { spaces } = found.building;
  expect(spaces.totalCount).toBe(spaces.edges.length);
  return spaces.edges.map(({ node: { code, spacesWithin } }) => {
    expect(spacesWithin.totalCount).toBe(spacesWithin.edges.length);
    return [code, spacesWithin.edges.map(({ node }) => node.code)];
  });
}

const codes = async (variables: object, user: TestUser = acme.admin) => {
  const { spaces } = await user.run<{ spaces: { totalCount: number; edges: { node: { code: string } }[] } }>(list, { ...variables });
  expect(spaces.totalCount).toBe(spaces.edges.length);
  return spaces.edges.map(({ node }) => node.code);
};

describe("spaces", () => {
  test("form a tree in their building, ordered by position", async () => {
    const id = await building("TREE");
    const second = await space(id, "2F", { kind: "FLOOR" });
    await space(id, "1F", { kind: "FLOOR", position: 0 });
    await space(id, "2F-B", { parentId: second });
    await space(id, "2F-A", { parentId: second });
    expect(await codesIn(id)).toEqual([
      ["1F", []],
      ["2F", ["2F-B", "2F-A"]],
    ]);
    expect(await acme.admin.run(read, { id: second })).toEqual({ space: { code: "2F", building: { code: "TREE" }, parent: null } });
  });

  test("are found by building, kind, parent, and words of their code and name", async () => {
    const id = await building("FIND");
    const floor = await space(id, "F1", { kind: "FLOOR", name: "First floor" });
    await space(id, "F1-2", { parentId: floor, name: "Server room" });
    await space(id, "F1-1", { parentId: floor, name: "Kitchen" });
    const building_ = { eq: id };
    expect(await codes({ filter: { building: building_ } })).toEqual(["F1", "F1-1", "F1-2"]);
    expect(await codes({ filter: { building: building_, kind: { eq: "FLOOR" } } })).toEqual(["F1"]);
    expect(await codes({ filter: { parent: { eq: floor } }, orderBy: { field: "POSITION", direction: "ASC" } })).toEqual(["F1-2", "F1-1"]);
    expect(await codes({ filter: { search: { contains: "server f1" } } })).toEqual(["F1-2"]);
  });

  test("change only the given fields, and report a conflict for an old version", async () => {
    const id = await space(await building("CHANGE"), "R1");
    expect(await acme.admin.run(update, { input: { id, name: "Studio", kind: "AREA", expectedVersion: 1 } })).toEqual({
      updateSpace: { space: { code: "R1", name: "Studio", kind: "AREA", version: 2 } },
    });
    const late = await acme.admin.refused(update, { input: { id, name: "Late", expectedVersion: 1 } });
    expect(late.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
    expect(await acme.requester.refusal(update, { input: { id, name: "Mine" } })).toBe("FORBIDDEN");
  });

  test("have codes that are unique in their building", async () => {
    const [here, there] = [await building("CODES-1"), await building("CODES-2")];
    await space(here, "R1");
    await space(there, "R1");
    const error = await acme.admin.refused(create, { input: { buildingId: here, kind: "ROOM", code: "R1", name: "Again" } });
    expect(error.message).toBe('input.code: The space code "R1" is already taken. Choose another one.');
  });

  test("cannot be added to an inactive building", async () => {
    const id = await building("CLOSED");
    await acme.admin.run("mutation ($id: ID!) { updateBuilding(input: { id: $id, status: INACTIVE }) { building { id } } }", { id });
    const error = await acme.admin.refused(create, { input: { buildingId: id, kind: "ROOM", code: "R1", name: "Late" } });
    expect(error.extensions?.["problems"]).toMatchObject([{ path: "input.buildingId" }]);
  });

  test("keep their building from being deleted", async () => {
    const id = await building("FULL");
    const room = await space(id, "R1");
    const drop = "mutation ($id: ID!) { deleteBuilding(input: { id: $id }) { id } }";
    expect((await acme.admin.refused(drop, { id })).extensions).toMatchObject({ code: "CONFLICT", dependents: { spaces: 1 } });
    await acme.admin.run(remove, { input: { id: room } });
    await acme.admin.run(drop, { id });
    const error = await acme.admin.refused(restore, { input: { id: room } });
    expect(error.extensions?.["problems"]).toMatchObject([{ path: "input.id" }]);
  });
});

describe("moving a space", () => {
  test("takes everything in it along, and can change only its position", async () => {
    const id = await building("MOVE");
    const [first, second] = [await space(id, "1F"), await space(id, "2F")];
    const room = await space(id, "1F-1", { parentId: first });
    await space(id, "1F-1-A", { parentId: room });
    expect(await acme.admin.run(move, { input: { id: room, parentId: second } })).toEqual({
      moveSpace: { space: { position: 1, parent: { code: "2F" } } },
    });
    expect(await codes({ filter: { parent: { eq: room } } })).toEqual(["1F-1-A"]);
    await acme.admin.run(move, { input: { id: second, parentId: null, position: 0 } });
    expect(await codesIn(id)).toEqual([
      ["2F", ["1F-1"]],
      ["1F", []],
    ]);
  });

  test("is refused into itself, into a space that it contains, and into another building", async () => {
    const id = await building("CYCLE");
    const [outer, elsewhere] = [await space(id, "O"), await space(await building("CYCLE-2"), "E")];
    const inner = await space(id, "I", { parentId: await space(id, "M", { parentId: outer }) });
    const problem = async (parentId: string) => (await acme.admin.refused(move, { input: { id: outer, parentId } })).message;
    const cyclic = 'input.parentId: The space "O" cannot be moved into itself or into a space that it contains.';
    expect([await problem(outer), await problem(inner), await problem(elsewhere)]).toEqual([
      cyclic,
      cyclic,
      'input.parentId: The space "E" is in another building.',
    ]);
  });

  test("is refused below eight levels, and so is creating a ninth", async () => {
    const id = await building("DEEP");
    let parentId = await space(id, "L1");
    for (let level = 2; level <= 8; level++) parentId = await space(id, `L${level}`, { parentId });
    const ninth = await acme.admin.refused(create, { input: { buildingId: id, parentId, kind: "ROOM", code: "L9", name: "Ninth" } });
    expect(ninth.message).toBe("input.parentId: Spaces can be nested at most 8 levels deep. This would make 9 levels.");
    const pair = await space(id, "P1");
    await space(id, "P2", { parentId: pair });
    const { spaces } = await acme.admin.run<{ spaces: { edges: { node: { id: string } }[] } }>(
      'query ($id: ID!) { spaces(filter: { building: { eq: $id }, code: { eq: "L7" } }) { edges { node { id } } } }',
      { id },
    );
    expect(await acme.admin.refusal(move, { input: { id: pair, parentId: spaces.edges[0]?.node.id } })).toBe("BAD_USER_INPUT");
  });

  test("waits for a concurrent move, so that two spaces never contain each other", async () => {
    const id = await building("RACE");
    const [a, b] = [await space(id, "A"), await space(id, "B")];
    const moving = await owner.begin(async (sql) => {
      // Same as in moveSpace: the tree is locked first.
      const key = `weft.spaces.${acme.tenant.id}${decodeId("building", id)}`;
      await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
      await sql`update requests.spaces set parent_id = ${decodeId("space", b)} where id = ${decodeId("space", a)}`;
      const answer = acme.admin.send(move, { input: { id: b, parentId: a } });
      const isWaiting = async (): Promise<boolean> =>
        (await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%lockSpaces%' and pid <> pg_backend_pid()`)
          .length > 0;
      await until(isWaiting, { what: "the second move waits", deadlineMs: 4_000 });
      return { answer };
    });
    expect((await moving.answer).errors?.[0]?.extensions?.code).toBe("BAD_USER_INPUT");
    expect(await codesIn(id)).toEqual([["B", ["A"]]]);
  });
});

describe("a deleted space", () => {
  test("is gone until it is restored at its place; one that contains spaces is not deleted", async () => {
    const id = await building("DEL");
    const floor = await space(id, "F");
    const room = await space(id, "F-1", { parentId: floor });
    const error = await acme.admin.refused(remove, { input: { id: floor } });
    expect(error.message).toBe('The space "F" cannot be deleted while it has 1 space. Close, move, pause, or delete them first.');
    expect(error.extensions).toMatchObject({ code: "CONFLICT", dependents: { spaces: 1 } });
    expect(await acme.admin.run(remove, { input: { id: room, expectedVersion: 1 } })).toEqual({ deleteSpace: { id: room } });
    expect(await acme.admin.refusal(read, { id: room })).toBe("NOT_FOUND");
    expect(await acme.admin.refusal(update, { input: { id: room, name: "Back" } })).toBe("NOT_FOUND");
    expect(await codesIn(id)).toEqual([["F", []]]);
    await acme.admin.run(remove, { input: { id: floor } });
    const orphan = await acme.admin.refused(restore, { input: { id: room } });
    expect(orphan.message).toBe(`input.id: The space ${floor}, which contained it, is deleted. Restore that space first.`);
    await acme.admin.run(restore, { input: { id: floor } });
    expect(await acme.admin.run(restore, { input: { id: room, expectedVersion: 2 } })).toEqual({
      restoreSpace: { space: { code: "F-1", parent: { code: "F" }, version: 3 } },
    });
    expect(await codesIn(id)).toEqual([["F", ["F-1"]]]);
    const { space: audited } = await acme.admin.run<{ space: { auditTrail: { edges: { node: { action: string } }[] } } }>(
      "query ($id: ID!) { space(id: $id) { auditTrail(first: 3) { edges { node { action } } } } }",
      { id: room },
    );
    expect(audited.auditTrail.edges.map(({ node }) => node.action)).toEqual(["space.restore", "space.delete", "space.create"]);
  });
});

describe("a vendor's user", () => {
  test("sees the spaces of the buildings that the vendor works in, and no others", async () => {
    await space(acme.buildingId, "VENDOR-1");
    await acme.request("assigned");
    await space(await building("ELSEWHERE"), "HIDDEN-1");
    expect(await codes({}, acme.vendor.user)).toEqual(["VENDOR-1"]);
    expect(await codesIn(acme.buildingId, acme.vendor.user)).toEqual([["VENDOR-1", []]]);
  });
});

describe("another tenant", () => {
  test("neither reads nor changes a space, nor puts one of its own into it", async () => {
    const theirs = await aMaintenanceTenant(weft);
    const buildingId = await building("OURS");
    const id = await space(buildingId, "R1");
    expect(await theirs.admin.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(move, { input: { id } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    const input = { buildingId: theirs.buildingId, parentId: id, kind: "ROOM", code: "R1", name: "Mine" };
    const { extensions } = await theirs.admin.refused(create, { input });
    expect(extensions?.["problems"]).toEqual([{ path: "input.parentId", message: `No space with the ID ${id} exists.` }]);
    expect(await codes({}, theirs.admin)).toEqual([]);
  });
});

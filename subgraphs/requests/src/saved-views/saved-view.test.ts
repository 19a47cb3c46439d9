import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: TestTenant;
/** Shares views with the tenant. */
let admin: TestUser;
/** Shares views with her team, FIXERS. */
let olga: TestUser;
let viktor: TestUser;
let fixers: string;

beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant("Acme");
  admin = acme.admin;
  fixers = await acme.team("fixers");
  olga = await acme.user("operations", { teams: ["fixers"] });
  viktor = await acme.user("viewer");
  const { buildingId } = await acme.maintenance();
  for (const number of [1, 2, 3])
    await admin.run("mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }", {
      input: { buildingId, tag: `PUMP-${number}`, name: `Pump ${number}`, type: "pump" },
    });
});

afterAll(async () => {
  await owner.end();
});

const selection = "{ id list name visibility team { id } filter orderBy { field direction name } columns version viewerCanUpdate count }";
const save = `mutation ($input: SaveViewInput!) { saveView(input: $input) { view ${selection} } }`;
const update = `mutation ($input: UpdateViewInput!) { updateView(input: $input) { view ${selection} } }`;
const remove = "mutation ($input: VersionedIdInput!) { deleteView(input: $input) { id } }";
const one = `query ($id: ID!) { savedView(id: $id) ${selection} }`;
const assetsIn = `query ($viewId: ID, $filter: AssetFilter, $orderBy: AssetOrder) {
  assets(viewId: $viewId, filter: $filter, orderBy: $orderBy, first: 100) { edges { node { tag } } totalCount } }`;

interface View {
  readonly id: string;
  readonly name: string;
  readonly count: number | null;
}

const pumps = { list: "ASSETS", filter: { type: { eq: "pump" } }, orderBy: { field: "TAG", direction: "DESC" } };

async function saved(user: TestUser, input: Record<string, unknown> = {}): Promise<View> {
  const { saveView } = await user.run<{ saveView: { view: View } }>(save, { input: { name: "Pumps", ...pumps, ...input } });
  return saveView.view;
}

async function tags(user: TestUser, variables: Record<string, unknown>): Promise<string[]> {
  const { assets } = await user.run<{ assets: { edges: { node: { tag: string } }[] } }>(assetsIn, variables);
  return assets.edges.map(({ node }) => node.tag);
}

async function viewsOf(user: TestUser, filter: Record<string, unknown> = {}): Promise<View[]> {
  const { savedViews } = await user.run<{ savedViews: { edges: { node: View }[] } }>(
    `query ($filter: SavedViewFilter) { savedViews(first: 100, filter: $filter) { edges { node ${selection} } } }`,
    { filter },
  );
  return savedViews.edges.map(({ node }) => node);
}

describe("a saved view", () => {
  test("keeps filter, order and columns, and counts what its owner can see", async () => {
    const view = await saved(olga, { columns: ["tag", "building.name"] });
    expect(view).toMatchObject({
      list: "ASSETS",
      visibility: "PRIVATE",
      team: null,
      filter: { type: { eq: "pump" } },
      orderBy: { field: "TAG", direction: "DESC", name: null },
      columns: ["tag", "building.name"],
      version: 1,
      viewerCanUpdate: true,
      count: 3,
    });
    expect(await olga.run(one, { id: view.id })).toEqual({ savedView: view });
  });

  test("gives its list the filter and the order; arguments narrow the one and replace the other", async () => {
    const { id } = await saved(olga);
    expect(await tags(olga, { viewId: id })).toEqual(["PUMP-3", "PUMP-2", "PUMP-1"]);
    expect(await tags(olga, { viewId: id, orderBy: { field: "TAG", direction: "ASC" } })).toEqual(["PUMP-1", "PUMP-2", "PUMP-3"]);
    expect(await tags(olga, { viewId: id, filter: { tag: { in: ["PUMP-2", "LIFT-1"] } } })).toEqual(["PUMP-2"]);
    expect(await tags(olga, { viewId: id, filter: { type: { ne: "pump" } } })).toEqual([]);
  });

  test("is a view of requests, buildings and assets alike, with searches and custom fields", async () => {
    const all = await saved(olga, { list: "REQUESTS", filter: { search: { contains: "leak" } }, orderBy: { field: "UPDATED_AT" } });
    expect(all.count).toBe(0);
    const requests = "query ($viewId: ID) { requests(viewId: $viewId, first: 1) { totalCount } }";
    expect(await olga.run(requests, { viewId: all.id })).toEqual({ requests: { totalCount: 0 } });
    const input = {
      name: "Small",
      list: "BUILDINGS",
      orderBy: { field: "FIELD", name: "area" },
      filter: { not: { fields: [{ name: "area", gt: 9 }] } },
    };
    expect(await olga.refusal(save, { input })).toBe("BAD_USER_INPUT");
    const change = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }";
    await admin.run(change, { input: { kind: "BUILDING", schema: { properties: { area: { type: "number", index: true } } } } });
    const small = await saved(olga, input);
    expect(small.count).toBe(1);
    const buildings = "query ($viewId: ID) { buildings(viewId: $viewId, first: 1) { totalCount } }";
    expect(await olga.run(buildings, { viewId: small.id })).toEqual({ buildings: { totalCount: 1 } });
    await admin.run(change, { input: { kind: "BUILDING", schema: { properties: {} } } });
    expect(await olga.refusal(buildings, { viewId: small.id })).toBe("BAD_USER_INPUT");
    expect(await olga.run(one, { id: small.id })).toMatchObject({ savedView: { count: null } });
  });

  test.each([
    [
      "a field that the list does not have",
      { filter: { sort: { eq: 1 } } },
      'input.filter: Field "sort" is not defined by type "AssetFilter"',
    ],
    ["an operator of another type", { filter: { or: [{ tag: { gt: "A" } }] } }, 'input.filter.or.0.tag: Field "gt" is not defined'],
    ["a value of another type", { filter: { tag: { eq: 5 } } }, "input.filter.tag.eq: String cannot represent a non string value: 5"],
    ["a filter that is nested too deep", { filter: { not: { not: { not: { not: { not: { tag: { eq: "" } } } } } } } }, "at most 5 levels"],
    ["a malformed ID", { filter: { building: { eq: "here" } } }, "input.filter.building.eq: "],
    ["an unknown order", { orderBy: { field: "COLOR" } }, 'Value "COLOR" does not exist in "AssetOrderField"'],
    ["a filter of another list", { list: "BUILDINGS", orderBy: null }, 'Field "type" is not defined by type "BuildingFilter"'],
    ["an unknown column", { columns: ["tag", "color"] }, 'input.columns.1: "color" is not a field of Asset.'],
    ["a column twice", { columns: ["tag", "tag"] }, "listed twice"],
    ["a column that is no path", { columns: ["tag }"] }, "is not a field of Asset"],
    ["an empty name", { name: " " }, "input.name: It is empty."],
    ["a team without the visibility", { teamId: "tem_00000000000000000000000000" }, "does not take a team"],
    ["the visibility TEAM without a team", { visibility: "TEAM" }, "requires a team"],
  ])("is refused with %s", async (_what, input, message) => {
    const error = await admin.refused(save, { input: { name: "Pumps", ...pumps, ...input } });
    expect(error.extensions?.code).toBe("BAD_USER_INPUT");
    expect(error.message).toContain(message);
  });

  test("is refused with all its problems at once", async () => {
    const input = { ...pumps, name: " ", filter: { sort: { eq: 1 } }, orderBy: { field: "COLOR" }, columns: ["color"], visibility: "TEAM" };
    const { extensions } = await admin.refused(save, { input });
    const paths = ["input.name", "input.columns.0", "input.filter", "input.orderBy.field", "input.teamId"];
    expect(extensions?.["problems"]).toMatchObject(paths.map((path) => ({ path })));
  });

  test("whose filter no longer fits its list is refused and never shows more", async () => {
    const view = await saved(olga);
    await owner`update app.saved_views set filter = '{"type": {"eq": "pump"}, "color": {"eq": "red"}}' where id = ${decodeId("savedView", view.id)}`;
    const error = await olga.refused(assetsIn, { viewId: view.id });
    expect(error.extensions?.code).toBe("BAD_USER_INPUT");
    expect(error.message).toContain('viewId.filter: Field "color" is not defined by type "AssetFilter"');
    expect(await olga.run(one, { id: view.id })).toMatchObject({ savedView: { count: null } });
  });

  test("can only be used for its own list", async () => {
    const { id } = await saved(olga);
    const error = await olga.refused("query ($id: ID) { buildings(viewId: $id, first: 1) { totalCount } }", { id });
    expect(error.message).toBe('viewId: The view "Pumps" is for the list ASSETS, not BUILDINGS.');
  });

  test("changes only in the given fields, and of concurrent changes one succeeds", async () => {
    const { id } = await saved(olga, { columns: ["tag"] });
    const first = await olga.run(update, { input: { id, expectedVersion: 1, filter: null, orderBy: null } });
    expect(first).toMatchObject({ updateView: { view: { name: "Pumps", filter: {}, orderBy: null, columns: ["tag"], version: 2 } } });
    expect((await olga.refused(update, { input: { id, expectedVersion: 1, name: "Late" } })).extensions).toMatchObject({
      code: "CONFLICT",
      currentVersion: 2,
    });
    expect(await olga.refusal(remove, { input: { id, expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await olga.run(remove, { input: { id } })).toEqual({ deleteView: { id } });
    expect(await olga.refusal(one, { id })).toBe("NOT_FOUND");
    expect(await olga.refusal(assetsIn, { viewId: id })).toBe("BAD_USER_INPUT");
  });

  test("changes once if two users change it at the same time", async () => {
    const { id } = await saved(olga, { visibility: "TEAM", teamId: fixers });
    const rename = (user: TestUser, name: string) => user.send(update, { input: { id, expectedVersion: 1, name } });
    const answers = await Promise.all([rename(olga, "Hers"), rename(admin, "Yours")]);
    const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.code));
    expect(codes).toEqual(["CONFLICT"]);
    const name = answers[0]?.errors ? "Yours" : "Hers";
    expect(await olga.run(one, { id })).toMatchObject({ savedView: { name, version: 2 } });
  });

  test("is saved once per idempotency key, and at most 200 times per user", async () => {
    const input = { name: "Once", ...pumps, idempotencyKey: "once" };
    const rita = await acme.user("viewer");
    expect(await rita.run(save, { input })).toEqual(await rita.run(save, { input }));
    await owner`insert into app.saved_views (tenant_id, id, list, name, visibility, owner_id, filter)
      select tenant_id, gen_random_uuid(), list, name, visibility, owner_id, filter from app.saved_views, generate_series(1, 199)
       where owner_id = ${decodeId("user", rita.id)}`;
    expect(await rita.refusal(save, { input: { name: "One more", ...pumps } })).toBe("LIMIT_EXCEEDED");
  });

  test("leaves audit entries", async () => {
    const { id } = await saved(olga);
    await olga.run(update, { input: { id, name: "Pumps of the house" } });
    await olga.run(remove, { input: { id } });
    const rows = await owner`select action from audit.entries where entity_id = ${decodeId("savedView", id)} order by id`;
    expect(rows.map(({ action }) => action as string)).toEqual(["savedView.create", "savedView.update", "savedView.delete"]);
  });
});

describe("sharing", () => {
  test("a private view is its owner's alone, also for administrators", async () => {
    const { id } = await saved(viktor, { name: "Mine" });
    for (const other of [admin, olga]) {
      expect(await other.refusal(one, { id })).toBe("NOT_FOUND");
      expect(await other.refusal(update, { input: { id, name: "Theirs" } })).toBe("NOT_FOUND");
      expect(await other.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
      expect(await other.refusal(assetsIn, { viewId: id })).toBe("BAD_USER_INPUT");
      expect((await viewsOf(other)).map((view) => view.id)).not.toContain(id);
    }
  });

  test("with a team takes the permission for that team; its members see the view, and others do not", async () => {
    const others = await acme.team("others");
    const member = await acme.user("viewer", { teams: ["fixers"] });
    const view = await saved(olga, { name: "Ours", visibility: "TEAM", teamId: fixers });
    expect(view).toMatchObject({ team: { id: fixers } });
    expect(await tags(member, { viewId: view.id })).toEqual(["PUMP-3", "PUMP-2", "PUMP-1"]);
    expect(await member.run(one, { id: view.id })).toMatchObject({ savedView: { viewerCanUpdate: false } });
    expect(await member.refusal(update, { input: { id: view.id, name: "Mine" } })).toBe("FORBIDDEN");
    expect(await viktor.refusal(one, { id: view.id })).toBe("NOT_FOUND");
    expect(await admin.run(update, { input: { id: view.id, name: "Yours" } })).toMatchObject({ updateView: { view: { name: "Yours" } } });
    const input = { name: "Theirs", ...pumps, visibility: "TEAM" };
    expect(await olga.refusal(save, { input: { ...input, teamId: others } })).toBe("FORBIDDEN");
    expect(await member.refusal(save, { input: { ...input, teamId: fixers } })).toBe("FORBIDDEN");
  });

  test("with the tenant takes the permission in scope TENANT; everyone sees the view, each with their own rights", async () => {
    const input = { name: "All", ...pumps, visibility: "TENANT" };
    expect(await olga.refusal(save, { input })).toBe("FORBIDDEN");
    const view = await saved(admin, { ...input, filter: { building: { isNull: false } } });
    expect(await viktor.run(one, { id: view.id })).toMatchObject({ savedView: { viewerCanUpdate: false } });
    expect(await viktor.refusal(remove, { input: { id: view.id } })).toBe("FORBIDDEN");
    // Without building.read, the filter would reveal what the field does not show.
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "porter", name: "Porter", permissions: [{ permission: "asset.read", scope: "TENANT" }] },
    });
    const porter = await acme.user("porter");
    expect(await porter.refusal(assetsIn, { viewId: view.id })).toBe("FORBIDDEN");
    expect(await porter.run(one, { id: view.id })).toMatchObject({ savedView: { count: null } });
  });

  test("shows a count only for the lists that the user can read", async () => {
    const views = [
      await saved(admin, {
        name: "Leaks",
        list: "REQUESTS",
        filter: { search: { contains: "leak" } },
        orderBy: null,
        visibility: "TENANT",
      }),
      await saved(admin, { name: "Searched", filter: { search: { contains: "pump" } }, visibility: "TENANT" }),
    ];
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "counter", name: "Counter", permissions: [{ permission: "asset.read", scope: "TENANT" }] },
    });
    const counter = await acme.user("counter");
    const counts = new Map((await viewsOf(counter)).map(({ id, count }) => [id, count]));
    expect(views.map(({ id }) => counts.get(id))).toEqual([null, 3]);
  });

  test("outlives the owner and the team: users who can share views can change the view", async () => {
    const leavers = await acme.team("leavers");
    const [lou, member] = [await acme.user("operations", { teams: ["leavers"] }), await acme.user("viewer", { teams: ["leavers"] })];
    const view = await saved(lou, { name: "Ours", visibility: "TEAM", teamId: leavers });
    const own = await saved(lou, { name: "Mine" });
    await admin.run("mutation ($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }", { input: { id: lou.id } });
    expect(await tags(member, { viewId: view.id })).toEqual(["PUMP-3", "PUMP-2", "PUMP-1"]);
    expect(await admin.refusal(one, { id: own.id })).toBe("NOT_FOUND");
    const leave = "mutation ($input: RemoveTeamMemberInput!) { removeTeamMember(input: $input) { team { id } } }";
    for (const { id } of [lou, member]) await admin.run(leave, { input: { teamId: leavers, userId: id } });
    await admin.run("mutation ($input: VersionedIdInput!) { deleteTeam(input: $input) { id } }", { input: { id: leavers } });
    expect(await viktor.refusal(one, { id: view.id })).toBe("NOT_FOUND");
    expect(await admin.run(update, { input: { id: view.id, name: "Theirs" } })).toMatchObject({
      updateView: { view: { name: "Theirs", visibility: "TEAM" } },
    });
    expect(await admin.run(update, { input: { id: view.id, visibility: "TENANT" } })).toMatchObject({
      updateView: { view: { visibility: "TENANT", team: null } },
    });
    expect(await tags(viktor, { viewId: view.id })).toEqual(["PUMP-3", "PUMP-2", "PUMP-1"]);
  });

  test("cannot be gained by changing one's own view", async () => {
    const { id } = await saved(viktor);
    expect(await viktor.refusal(update, { input: { id, visibility: "TENANT" } })).toBe("FORBIDDEN");
    expect(await viktor.refusal(update, { input: { id, visibility: "TEAM", teamId: fixers } })).toBe("FORBIDDEN");
  });

  test("does not reach users of vendors or of other tenants", async () => {
    const view = await saved(admin, { name: "Shared", visibility: "TENANT" });
    const { user } = await acme.vendor();
    expect(await user.refusal(one, { id: view.id })).toBe("FORBIDDEN");
    expect(await user.refusal(save, { input: { name: "Pumps", ...pumps } })).toBe("FORBIDDEN");
    expect(await user.refusal(assetsIn, { viewId: view.id })).toBe("BAD_USER_INPUT");
    const globex = await weft.tenant("Globex");
    expect(await globex.admin.refusal(one, { id: view.id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id: view.id, name: "Ours" } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(remove, { input: { id: view.id } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(assetsIn, { viewId: view.id })).toBe("BAD_USER_INPUT");
    expect(await viewsOf(globex.admin)).toEqual([]);
    expect(await globex.admin.refusal(save, { input: { name: "X", ...pumps, visibility: "TEAM", teamId: fixers } })).toBe("BAD_USER_INPUT");
  });
});

test("all counts of a page take one statement, whatever the number of views", async () => {
  const zoe = await acme.user("operations");
  await saved(zoe, { name: "1" });
  const few = await weft.statementCount(() => viewsOf(zoe, { visibility: { eq: "PRIVATE" } }));
  for (const name of ["2", "3", "4", "5"]) await saved(zoe, { name, filter: { tag: { contains: name } } });
  expect(await weft.statementCount(() => viewsOf(zoe, { visibility: { eq: "PRIVATE" } }))).toBe(few);
  const counts = (await viewsOf(zoe, { visibility: { eq: "PRIVATE" } })).map(({ count }) => count);
  expect(counts).toEqual([3, 1, 1, 0, 0]);
});

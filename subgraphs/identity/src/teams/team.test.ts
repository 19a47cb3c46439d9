import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestWeft, type TestWeft } from "@weft/testkit";

const createTeam = "mutation Create($input: CreateTeamInput!) { createTeam(input: $input) { team { id key version } } }";
const addMember =
  "mutation Add($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { version members { isLead user { id } } } } }";
const removeMember =
  "mutation Remove($input: RemoveTeamMemberInput!) { removeTeamMember(input: $input) { team { members { user { id } } } } }";
const updateTeam = "mutation Update($input: UpdateTeamInput!) { updateTeam(input: $input) { team { key name version } } }";
const team = "query One($id: ID!) { team(id: $id) { key } }";

let kit: TestWeft;
beforeAll(async () => {
  kit = await startTestWeft();
});
afterAll(() => kit.stop());

describe("teams", () => {
  it("have a key of their own in the tenant", async () => {
    const tenant = await kit.tenant();
    await tenant.team("facilities");
    const { extensions } = await tenant.admin.refused(createTeam, { input: { key: "facilities", name: "Again" } });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.key" }] });
  });

  it("come in pages, by key or by name, and are found by either", async () => {
    const tenant = await kit.tenant();
    for (const key of ["roof", "cellar", "yard"]) await tenant.team(key);
    const list = `query ($filter: TeamFilter, $orderBy: TeamOrder, $first: Int) {
      teams(filter: $filter, orderBy: $orderBy, first: $first) { totalCount edges { node { key } } }
    }`;
    const listed = (totalCount: number, ...keys: string[]) => ({ teams: { totalCount, edges: keys.map((key) => ({ node: { key } })) } });
    expect(await tenant.admin.run(list, { first: 2 })).toEqual(listed(3, "cellar", "roof"));
    expect(await tenant.admin.run(list, { orderBy: { field: "NAME", direction: "DESC" }, first: 1 })).toEqual(listed(3, "yard"));
    expect(await tenant.admin.run(list, { filter: { search: { contains: "ELL" } } })).toEqual(listed(1, "cellar"));
    expect(await tenant.admin.run(list, { filter: { key: { eq: "yard" } } })).toEqual(listed(1, "yard"));
  });

  it("are renamed under the version that was read; the key stays", async () => {
    const tenant = await kit.tenant();
    const id = await tenant.team("facilities");
    expect(await tenant.admin.run(updateTeam, { input: { id, name: "Facility people", expectedVersion: 1 } })).toEqual({
      updateTeam: { team: { key: "facilities", name: "Facility people", version: 2 } },
    });
    expect(await tenant.admin.refusal(updateTeam, { input: { id, name: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await tenant.admin.refusal(updateTeam, { input: { id, name: "" } })).toBe("BAD_USER_INPUT");
    expect(await (await kit.tenant()).admin.refusal(updateTeam, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await (await tenant.user("requester")).refusal(updateTeam, { input: { id, name: "Mine" } })).toBe("FORBIDDEN");
  });

  it("take members, leads first, and let them go", async () => {
    const tenant = await kit.tenant();
    const teamId = await tenant.team("facilities");
    const [ann, ben] = [await tenant.user("viewer", { name: "Ann" }), await tenant.user("viewer", { name: "Ben" })];
    await tenant.admin.run(addMember, { input: { teamId, userId: ann.id } });
    const both = await tenant.admin.run(addMember, { input: { teamId, userId: ben.id, isLead: true } });
    expect(both).toEqual({
      addTeamMember: {
        team: {
          version: 3,
          members: [
            { isLead: true, user: { id: ben.id } },
            { isLead: false, user: { id: ann.id } },
          ],
        },
      },
    });
    expect(await tenant.admin.run(removeMember, { input: { teamId, userId: ben.id } })).toEqual({
      removeTeamMember: { team: { members: [{ user: { id: ann.id } }] } },
    });
    expect(await tenant.admin.refusal(removeMember, { input: { teamId, userId: ben.id } })).toBe("BAD_USER_INPUT");
    expect(await ann.run("{ me { teams { key } } }")).toEqual({ me: { teams: [{ key: "facilities" }] } });
  });

  it("are not filled by whoever sees by teams alone and is not in them", async () => {
    const tenant = await kit.tenant();
    const teamId = await tenant.team("facilities");
    await tenant.admin.run("mutation R($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: {
        key: "team_lead",
        name: "Team lead",
        permissions: [
          { permission: "team.update", scope: "TENANT" },
          { permission: "request.read", scope: "TEAM" },
        ],
      },
    });
    const lead = await tenant.user("team_lead");
    const ally = await tenant.user("viewer");
    for (const userId of [lead.id, ally.id]) expect(await lead.refusal(addMember, { input: { teamId, userId } })).toBe("FORBIDDEN");
  });
});

describe("another tenant", () => {
  it("sees and changes none of our teams, and lends us none of its people", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const id = await ours.team("secret");
    expect(await theirs.admin.refusal(team, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(addMember, { input: { teamId: id, userId: theirs.admin.id } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(removeMember, { input: { teamId: id, userId: ours.admin.id } })).toBe("NOT_FOUND");
    expect(await ours.admin.refusal(addMember, { input: { teamId: id, userId: theirs.admin.id } })).toBe("BAD_USER_INPUT");
    expect(await theirs.admin.run("{ teams { totalCount edges { cursor } } }")).toEqual({ teams: { totalCount: 0, edges: [] } });
  });
});

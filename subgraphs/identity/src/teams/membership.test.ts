import { sharedWeft, type TestTenant, type TestUser, type SharedWeft, userWithKey } from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const add = "mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { members { isLead user { id } } } } }";
const remove = "mutation ($input: RemoveTeamMemberInput!) { removeTeamMember(input: $input) { team { id } } }";
const setPermissions = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";
const teams = "{ teams { edges { node { key viewerCanChangeMembers leads { id } } } } }";

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

const of = (permission: string, scope = "TENANT") => ({ permission, scope });

async function withLead(role = "viewer"): Promise<{ tenant: TestTenant; teamId: string; lead: TestUser; person: TestUser }> {
  const tenant = await kit.tenant();
  const teamId = await tenant.team("facilities");
  const lead = await tenant.user(role, { name: "Lea" });
  const person = await tenant.user("requester", { name: "Paul" });
  await tenant.admin.run(add, { input: { teamId, userId: lead.id, isLead: true } });
  return { tenant, teamId, lead: await lead.again(), person };
}

async function withRole(tenant: TestTenant, key: string, permissions: object[]): Promise<void> {
  await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key, name: key, permissions },
  });
}

describe("a lead", () => {
  it("adds and removes members of their team without the permission, and is shown as its lead", async () => {
    const { tenant, teamId, lead, person } = await withLead();
    await tenant.team("others");
    expect(await lead.run(teams)).toEqual({
      teams: {
        edges: [
          { node: { key: "facilities", viewerCanChangeMembers: true, leads: [{ id: lead.id }] } },
          { node: { key: "others", viewerCanChangeMembers: false, leads: [] } },
        ],
      },
    });
    expect(await lead.run(add, { input: { teamId, userId: person.id } })).toEqual({
      addTeamMember: {
        team: {
          members: [
            { isLead: true, user: { id: lead.id } },
            { isLead: false, user: { id: person.id } },
          ],
        },
      },
    });
    expect(await (await person.again()).refusal(remove, { input: { teamId, userId: lead.id } })).toBe("FORBIDDEN");
    expect(await lead.run(remove, { input: { teamId, userId: person.id } })).toEqual({ removeTeamMember: { team: { id: teamId } } });
    expect(await lead.refusal(remove, { input: { teamId, userId: person.id } })).toBe("BAD_USER_INPUT");
  });

  it("changes nobody's membership with an API key that has no permission for teams", async () => {
    const { teamId, lead, person } = await withLead();
    const program = await userWithKey(lead, ["request.read"]);
    expect(await program.refusal(add, { input: { teamId, userId: person.id } })).toBe("FORBIDDEN");
    expect(await program.refusal(remove, { input: { teamId, userId: lead.id } })).toBe("FORBIDDEN");
  });

  it("changes no other team, and neither adds nor removes leads, but can leave", async () => {
    const { tenant, teamId, lead, person } = await withLead();
    const otherTeamId = await tenant.team("others");
    const second = await tenant.user("viewer");
    await tenant.admin.run(add, { input: { teamId, userId: second.id, isLead: true } });
    await tenant.admin.run(add, { input: { teamId: otherTeamId, userId: lead.id } });
    const again = await lead.again();
    for (const userId of [person.id, lead.id]) {
      expect(await again.refusal(add, { input: { teamId: otherTeamId, userId } })).toBe("NOT_FOUND");
      expect(await again.refusal(remove, { input: { teamId: otherTeamId, userId } })).toBe("NOT_FOUND");
    }
    expect(await again.refusal(add, { input: { teamId, userId: person.id, isLead: true } })).toBe("FORBIDDEN");
    expect(await again.refusal(add, { input: { teamId, userId: second.id } })).toBe("FORBIDDEN");
    expect(await again.refusal(remove, { input: { teamId, userId: second.id } })).toBe("FORBIDDEN");
    expect(
      await again.refusal("mutation ($input: UpdateTeamInput!) { updateTeam(input: $input) { team { id } } }", {
        input: { id: teamId, name: "Mine" },
      }),
    ).toBe("FORBIDDEN");
    await again.run(remove, { input: { teamId, userId: lead.id } });
    expect(await (await lead.again()).refusal(add, { input: { teamId, userId: person.id } })).toBe("FORBIDDEN");
  });

  it("adds only users that they can see", async () => {
    const { teamId, lead, tenant, person } = await withLead();
    await tenant.admin.run(setPermissions, { input: { userId: lead.id, grants: [], denials: [of("user.read")], reason: "A test" } });
    expect(await (await lead.again()).refusal(add, { input: { teamId, userId: person.id } })).toBe("BAD_USER_INPUT");
  });

  it("can no longer do so when team.update is denied, in any scope", async () => {
    const { teamId, lead, tenant, person } = await withLead();
    await tenant.admin.run(setPermissions, {
      input: { userId: lead.id, grants: [], denials: [of("team.update", "OWN")], reason: "A test" },
    });
    expect(await (await lead.again()).refusal(add, { input: { teamId, userId: person.id } })).toBe("NOT_FOUND");
  });
});

describe("a user who changes a team that they are in", () => {
  it("cannot extend their own permissions to more users", async () => {
    const tenant = await kit.tenant();
    await withRole(tenant, "caretaker", [of("user.read"), of("user.update", "TEAM"), of("team.update", "TEAM"), of("team.read")]);
    const teamId = await tenant.team("facilities");
    const [target, caretaker] = [await tenant.user("caretaker"), await tenant.user("caretaker")];
    for (const isLead of [true, false]) {
      await tenant.admin.run(add, { input: { teamId, userId: caretaker.id, isLead } });
      const { extensions, message } = await (await caretaker.again()).refused(add, { input: { teamId, userId: target.id } });
      expect([extensions?.code, message]).toEqual(["FORBIDDEN", expect.stringContaining("user.update")]);
    }
  });

  it("does not free any user from what is denied to them within the team", async () => {
    const { tenant, teamId, lead, person } = await withLead("admin");
    await tenant.admin.run(add, { input: { teamId, userId: person.id } });
    await tenant.admin.run(setPermissions, {
      input: { userId: lead.id, grants: [], denials: [of("user.update", "TEAM")], reason: "A test" },
    });
    const again = await lead.again();
    expect(await again.refusal(remove, { input: { teamId, userId: person.id } })).toBe("FORBIDDEN");
    expect(await again.refusal(remove, { input: { teamId, userId: lead.id } })).toBe("FORBIDDEN");
  });
});

describe("another tenant", () => {
  it("has no access to our leads", async () => {
    const [ours, theirs] = [await withLead(), await withLead()];
    expect(await theirs.lead.refusal(add, { input: { teamId: ours.teamId, userId: theirs.person.id } })).toBe("NOT_FOUND");
    expect(await theirs.lead.refusal(add, { input: { teamId: theirs.teamId, userId: ours.person.id } })).toBe("BAD_USER_INPUT");
  });
});

describe("a user who changes teams", () => {
  it("cannot add users with team scope to a team they cannot see into, so that no user they create extends what they see", async () => {
    const tenant = await kit.tenant();
    const teamId = await tenant.team("others");
    await withRole(tenant, "by_teams", [of("request.read", "TEAM")]);
    // Requesters see the projects that are assigned to them or to their teams.
    await withRole(tenant, "helper", [of("team.update"), of("team.read"), of("user.read"), of("project.read")]);
    await withRole(tenant, "sees_all", [of("team.update"), of("team.read"), of("user.read"), of("request.read")]);
    const [attacker, helper, desk] = [await tenant.user("by_teams"), await tenant.user("helper"), await tenant.user("sees_all")];
    const plain = await tenant.user("requester");
    expect(await helper.refusal(add, { input: { teamId, userId: attacker.id } })).toBe("FORBIDDEN");
    await helper.run(add, { input: { teamId, userId: plain.id } });
    await desk.run(add, { input: { teamId, userId: attacker.id } });
  });
});

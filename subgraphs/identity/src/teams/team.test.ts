import { beforeAll, describe, expect, it } from "vitest";
import { aMaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";

const createTeam = "mutation Create($input: CreateTeamInput!) { createTeam(input: $input) { team { id key version } } }";
const addMember =
  "mutation Add($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { version members { isLead user { id } } } } }";
const removeMember =
  "mutation Remove($input: RemoveTeamMemberInput!) { removeTeamMember(input: $input) { team { members { user { id } } } } }";
const updateTeam = "mutation Update($input: UpdateTeamInput!) { updateTeam(input: $input) { team { key name version } } }";
const team = "query One($id: ID!) { team(id: $id) { key } }";

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

describe("teams", () => {
  it("have a key that is unique in the tenant", async () => {
    const tenant = await kit.tenant();
    await tenant.team("facilities");
    const { extensions } = await tenant.admin.refused(createTeam, { input: { key: "facilities", name: "Again" } });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.key" }] });
  });

  it("are paginated, ordered by key or by name, and searchable by either", async () => {
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

  it("are renamed under the version that was read; the key does not change", async () => {
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

  it("add members, list leads first, and remove members", async () => {
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

  it("cannot be filled by a user who sees only by teams and is not a member", async () => {
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

describe("a deleted team", () => {
  const deleteTeam = "mutation Delete($input: VersionedIdInput!) { deleteTeam(input: $input) { id } }";
  const assign = "mutation Assign($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }";

  it("disappears from lists, lookups and inputs, and its key is free", async () => {
    const { tenant } = await aMaintenanceTenant(kit);
    const id = await tenant.team("facilities");
    expect(await tenant.admin.run(deleteTeam, { input: { id, expectedVersion: 1 } })).toEqual({ deleteTeam: { id: id } });
    expect(await tenant.admin.refusal(team, { id })).toBe("NOT_FOUND");
    expect(await tenant.admin.refusal(deleteTeam, { input: { id } })).toBe("NOT_FOUND");
    expect(await tenant.admin.refusal(addMember, { input: { teamId: id, userId: tenant.admin.id } })).toBe("NOT_FOUND");
    expect(await tenant.admin.run("{ teams { totalCount } }")).toEqual({ teams: { totalCount: 0 } });
    expect(await tenant.team("facilities")).not.toBe(id);
  });

  it("is audited and published as an event", async () => {
    const tenant = await kit.tenant();
    const id = await tenant.team("facilities");
    await tenant.admin.run(deleteTeam, { input: { id } });
    const trail = `{ auditEntries(filter: { action: { eq: "team.delete" } }) { edges { node { entityId before after } } } }`;
    const { auditEntries } = await tenant.admin.run<{ auditEntries: { edges: { node: { entityId: string; after: unknown } }[] } }>(trail);
    expect(auditEntries.edges).toMatchObject([{ node: { entityId: id, before: { key: "facilities" }, after: null } }]);
  });

  it("had no dependents: members, work, routing rules and definitions are counted in the refusal", async () => {
    const acme = await aMaintenanceTenant(kit);
    const id = await acme.tenant.team("facilities");
    const request = await acme.request("approved");
    await acme.assign(request, { teamId: id });
    await acme.admin.run(addMember, { input: { teamId: id, userId: acme.manager.id } });
    await acme.admin.run("mutation ($input: CreateRoutingRuleInput!) { createRoutingRule(input: $input) { rule { id } } }", {
      input: { route: "facilities", name: "All", teamIds: [id] },
    });
    await acme.tenant.definition(`
weft: 1
key: team-check
name: Team check
initial: open
data: { type: object, properties: {} }
states:
  open:
    task: { title: Check, candidates: { teams: [${id}] } }
    transitions: { finish: { to: closed, allow: { candidate: true } } }
  closed: { final: completed }
`);
    await acme.admin.run('mutation { startWorkflow(input: { definitionKey: "team-check" }) { instance { id } } }');
    const error = await acme.admin.refused(deleteTeam, { input: { id } });
    expect(error.extensions).toMatchObject({
      code: "CONFLICT",
      dependents: { members: 1, runningWorkflows: 1, openTasks: 1, routingRules: 1, definitions: 1 },
    });
    expect(error.message).toBe(
      'The team "facilities" cannot be deleted while it has 1 member, 1 unfinished workflow, 1 unfinished task, 1 routing rule, 1 definition. Remove or reassign them first. A published definition no longer counts after it is retired and its workflows have finished or were migrated to another version.',
    );
  });

  it("cannot be assigned work at the same moment: either the work is counted, or the assignment is refused", { tags: "slow" }, async () => {
    const acme = await aMaintenanceTenant(kit);
    for (let round = 0; round < 5; round++) {
      const id = await acme.tenant.team(`team-${round}`);
      const request = await acme.request("approved");
      const [deleted, assigned] = await Promise.all([
        acme.admin.send(deleteTeam, { input: { id } }),
        acme.operations.send(assign, { input: { id: request.id, assignee: { teamId: id } } }),
      ]);
      expect([deleted, assigned].map(({ errors }) => errors?.[0]?.extensions?.code).filter((code) => code !== undefined)).toHaveLength(1);
    }
  });

  it("belonged to the tenant itself, and the viewer can change teams", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const id = await ours.team("facilities");
    expect(await theirs.admin.refusal(deleteTeam, { input: { id } })).toBe("NOT_FOUND");
    expect(await (await ours.user("requester")).refusal(deleteTeam, { input: { id } })).toBe("FORBIDDEN");
    expect(await ours.admin.refusal(deleteTeam, { input: { id, expectedVersion: 4 } })).toBe("CONFLICT");
  });
});

describe("another tenant", () => {
  it("sees and changes none of our teams, and cannot lend us its users", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const id = await ours.team("secret");
    expect(await theirs.admin.refusal(team, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(addMember, { input: { teamId: id, userId: theirs.admin.id } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(removeMember, { input: { teamId: id, userId: ours.admin.id } })).toBe("NOT_FOUND");
    expect(await ours.admin.refusal(addMember, { input: { teamId: id, userId: theirs.admin.id } })).toBe("BAD_USER_INPUT");
    expect(await theirs.admin.run("{ teams { totalCount edges { cursor } } }")).toEqual({ teams: { totalCount: 0, edges: [] } });
  });
});

import { loadExampleDefinition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const create = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id version workflow { id } } } }";
const update = `mutation ($input: UpdateProjectInput!) {
  updateProject(input: $input) { project { code name description startsOn endsOn manager { id } budget { amount currency } fields state version workflow { data } } } }`;
const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }";
const declare = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }";

interface Made {
  readonly id: string;
  readonly workflow: { readonly id: string };
}

let kit: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  kit = await sharedWeft();
  acme = await aTenant();
});

async function aTenant(): Promise<TestTenant> {
  const tenant = await kit.tenant();
  await tenant.definition(await loadExampleDefinition("project"));
  const properties = { region: { type: "string" }, floors: { type: "integer", index: true } };
  await tenant.admin.run(declare, { input: { kind: "PROJECT", schema: { properties } } });
  return tenant;
}

const made = async (who: TestUser, input: object): Promise<Made> =>
  (await who.run<{ createProject: { project: Made } }>(create, { input })).createProject.project;
const updated = async (who: TestUser, input: object): Promise<object> =>
  (await who.run<{ updateProject: { project: object } }>(update, { input })).updateProject.project;
const paths = async (who: TestUser, input: object): Promise<string[]> => {
  const { extensions } = await who.refused(update, { input });
  return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
};

describe("a change of a project", () => {
  it("keeps what is omitted, and changes name and budget in the data of the workflow, too", async () => {
    const { id } = await made(acme.admin, {
      code: "LOBBY",
      name: "Lobby",
      startsOn: "2026-03-01",
      budget: { amount: 10050, currency: "EUR" },
      fields: { region: "north", floors: 1 },
    });
    expect(
      await updated(acme.admin, {
        id,
        name: " New lobby ",
        endsOn: "2026-09-30",
        managerId: acme.admin.id,
        budget: { amount: 25000, currency: "EUR" },
        fields: { floors: 2 },
        expectedVersion: 1,
      }),
    ).toEqual({
      code: "LOBBY",
      name: "New lobby",
      description: "",
      startsOn: "2026-03-01",
      endsOn: "2026-09-30",
      manager: { id: acme.admin.id },
      budget: { amount: 25000, currency: "EUR" },
      fields: { region: "north", floors: 2 },
      state: "planned",
      version: 2,
      workflow: { data: { name: "New lobby", budget: 250 } },
    });
    expect(
      await updated(acme.admin, { id, code: "HALL", startsOn: null, managerId: null, budget: null, fields: { region: null } }),
    ).toMatchObject({
      code: "HALL",
      startsOn: null,
      endsOn: "2026-09-30",
      manager: null,
      budget: null,
      fields: { floors: 2 },
      version: 3,
      workflow: { data: { name: "New lobby" } },
    });
  });

  it("appears in the audit trail and starts triggers", async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const { id } = await made(admin, { code: "YARD", name: "Yard" });
    await tenant.definition(
      "weft: 1\nkey: review\nname: Review\ndata: { type: object }\ninitial: open\nstates: { open: { transitions: { end: { to: done } } }, done: { final: completed } }",
    );
    await admin.run("mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }", {
      input: { name: "Review", eventType: "project.updated", action: "START", definitionKey: "review" },
    });
    await updated(admin, { id, description: "Paving", fields: { region: "south" } });
    await kit.weft.worker.idle();
    const trail = await admin.run<{ project: { auditTrail: { edges: { node: object }[] } } }>(
      "query ($id: ID!) { project(id: $id) { auditTrail(first: 2) { edges { node { action actor { id } before after } } } } }",
      { id },
    );
    // The start of the workflow about the project comes after it.
    expect(trail.project.auditTrail.edges[0]?.node).toMatchObject({ action: "workflow.start" });
    expect(trail.project.auditTrail.edges[1]?.node).toMatchObject({
      action: "project.update",
      actor: { id: admin.id },
      before: { description: "", fields: {}, version: 1 },
      after: { description: "Paving", fields: { region: "south" }, version: 2 },
    });
    const started = '{ workflowInstances(filter: { definitionKey: { eq: "review" } }) { totalCount } }';
    expect(await admin.run(started)).toEqual({ workflowInstances: { totalCount: 1 } });
  });

  it("is refused with the path of each error", async () => {
    const { id } = await made(acme.admin, { code: "ROOF", name: "Roof" });
    await made(acme.admin, { code: "TAKEN", name: "Taken" });
    expect(await paths(acme.admin, { id })).toEqual(["input"]);
    expect(await paths(acme.admin, { id, code: "TAKEN" })).toEqual(["input.code"]);
    expect(await paths(acme.admin, { id, name: "", budget: { amount: -1, currency: "euro" } })).toEqual([
      "input.name",
      "input.budget.amount",
      "input.budget.currency",
    ]);
    expect(await paths(acme.admin, { id, startsOn: "2026-02-30" })).toEqual(["input.startsOn"]);
    expect(await paths(acme.admin, { id, startsOn: "2026-03-02", endsOn: "2026-03-01" })).toEqual(["input.endsOn"]);
    const { user: vendorUser } = await acme.vendor();
    expect(await paths(acme.admin, { id, managerId: vendorUser.id })).toEqual(["input.managerId"]);
    expect(await paths(acme.admin, { id, fields: { floors: "two" } })).toEqual(["input.fields.floors"]);
    expect(await acme.admin.refusal(update, { input: { id, description: "Late", expectedVersion: 7 } })).toBe("CONFLICT");
  });

  it("can change everything but name and budget after the workflow has ended", async () => {
    const { id, workflow } = await made(acme.admin, { code: "ENDED", name: "Ended" });
    await acme.admin.run(fire, { input: { instanceId: workflow.id, transition: "cancel", comment: "No money" } });
    expect(await updated(acme.admin, { id, description: "Never built", fields: { floors: 3 } })).toMatchObject({
      state: "cancelled",
      version: 2,
    });
    expect(await acme.admin.refusal(update, { input: { id, name: "Other" } })).toBe("TRANSITION_REJECTED");
    expect(await updated(acme.admin, { id, name: "Ended", code: "OVER" })).toMatchObject({ name: "Ended", code: "OVER" });
  });

  it("of two at the same version happens once", async () => {
    const { id } = await made(acme.admin, { code: "RACE", name: "Race" });
    const outcomes = await Promise.allSettled(["One", "Two"].map((name) => updated(acme.admin, { id, name, expectedVersion: 1 })));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("users without the permission", () => {
  it("cannot change projects, and another tenant's are not found", async () => {
    const { id } = await made(acme.admin, { code: "OURS", name: "Ours" });
    const [viewer, theirs, { user: vendorUser }] = [await acme.user("viewer"), await aTenant(), await acme.vendor()];
    expect(await viewer.refusal(update, { input: { id, name: "Mine" } })).toBe("FORBIDDEN");
    expect(await vendorUser.refusal(update, { input: { id, name: "Mine" } })).toBe("FORBIDDEN");
    expect(await theirs.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
  });

  it("change only their own projects with the permission in scope OWN", async () => {
    const { id } = await made(acme.admin, { code: "NOT-MINE", name: "Not mine" });
    const permissions = [
      { permission: "project.create", scope: "TENANT" },
      { permission: "project.read", scope: "OWN" },
      { permission: "project.update", scope: "OWN" },
      { permission: "workflow.read", scope: "OWN" },
    ];
    await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "project_lead", name: "Project lead", permissions },
    });
    const own = await acme.user("project_lead");
    const mine = await made(own, { code: "MINE", name: "Mine" });
    expect(await updated(own, { id: mine.id, name: "Still mine" })).toMatchObject({ name: "Still mine" });
    expect(await own.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
  });
});

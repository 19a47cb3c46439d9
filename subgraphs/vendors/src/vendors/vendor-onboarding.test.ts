import { decodeId } from "@weft/shared/ids";
import {
  aMaintenanceTenant,
  loadExampleDefinition,
  sharedWeft,
  type MaintenanceTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
  await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
});
afterAll(async () => {
  await sql.end();
});

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly onboarding: { readonly id: string; readonly state: string; readonly data: Record<string, unknown> } | null;
}
const selection = "{ id status version onboarding { id state data } }";

let made = 0;
async function onboarded(
  who: TestUser,
  more: Record<string, unknown> = {},
): Promise<Shown & { onboarding: NonNullable<Shown["onboarding"]> }> {
  const { createVendor } = await who.run<{ createVendor: { vendor: Shown } }>(
    `mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor ${selection} } }`,
    { input: { code: `ON-${++made}`, name: "Shine", categories: ["cleaning"], onboard: true, ...more } },
  );
  const { vendor } = createVendor;
  return { ...vendor, onboarding: vendor.onboarding ?? expect.fail("The vendor has no onboarding.") };
}

const shown = async (id: string): Promise<Shown> =>
  (await acme.admin.run<{ vendor: Shown }>(`query ($id: ID!) { vendor(id: $id) ${selection} }`, { id })).vendor;
const fire = (who: TestUser, instanceId: string, transition: string, more: Record<string, unknown> = {}) =>
  acme.fire(who, { id: instanceId, instanceId }, transition, more);

async function approved(instanceId: string): Promise<void> {
  await fire(acme.admin, instanceId, "submit", { input: { taxId: "DE123456" } });
  await fire(acme.operations, instanceId, "confirm", { input: { isInsured: true } });
  await fire(acme.manager, instanceId, "approve");
}

/** Actions in the audit trail of a vendor, oldest first. */
async function actions(id: string): Promise<string[]> {
  const query = "query ($id: ID!) { vendor(id: $id) { auditTrail(first: 20) { edges { node { action } } } } }";
  const { vendor } = await acme.admin.run<{ vendor: { auditTrail: { edges: { node: { action: string } }[] } } }>(query, { id });
  // The trail also has the entries of the onboarding.
  const own = vendor.auditTrail.edges.map(({ node }) => node.action).filter((action) => action.startsWith("vendor."));
  return own.toReversed();
}

async function eventsOf(id: string): Promise<string[]> {
  const rows = await sql<{ type: string }[]>`
    select type from events.log where tenant_id = ${acme.tenant.id} and subject_id = ${decodeId("vendor", id)} order by subject_version`;
  return rows.map(({ type }) => type);
}

test("a vendor in onboarding gets no work, and is active with the approval of its workflow", async () => {
  const { id, status, onboarding } = await onboarded(acme.admin, { email: "office@shine.example" });
  expect(status).toBe("ONBOARDING");
  expect(onboarding).toMatchObject({
    state: "draft",
    data: { vendorName: "Shine", categories: ["cleaning"], contactEmail: "office@shine.example" },
  });
  const subject = "subject { __typename id ... on Vendor { code status } }";
  const { workflowInstance } = await acme.admin.run<{ workflowInstance: object }>(
    `query ($id: ID!) { workflowInstance(id: $id) { ${subject} } }`,
    { id: onboarding.id },
  );
  expect(workflowInstance).toEqual({ subject: { __typename: "Vendor", id, code: expect.any(String) as string, status: "ONBOARDING" } });
  const request = await acme.request("approved");
  const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }";
  const input = { id: request.id, assignee: { vendorId: id } };
  expect((await acme.operations.refused(assign, { input })).extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    problems: [{ path: "input.assignee.vendorId", message: 'The vendor "Shine" is in onboarding. It gets work after its approval.' }],
  });
  await approved(onboarding.id);
  expect(await shown(id)).toMatchObject({ status: "ACTIVE", version: 2, onboarding: { state: "active" } });
  await acme.operations.run(assign, { input });
  expect(await actions(id)).toEqual(["vendor.create", "vendor.approve"]);
  expect(await eventsOf(id)).toEqual(["vendor.created", "vendor.approved"]);
});

test("a vendor whose onboarding is rejected or canceled is rejected, and can start another one", async () => {
  const rejected = await onboarded(acme.admin);
  await fire(acme.admin, rejected.onboarding.id, "submit", { input: { taxId: "DE123456" } });
  await fire(acme.operations, rejected.onboarding.id, "reject", { comment: "No such firm" });
  expect(await shown(rejected.id)).toMatchObject({ status: "REJECTED" });
  const cancelled = await onboarded(acme.admin);
  await acme.admin.run('mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, comment: "Twice" }) { instance { id } } }', {
    id: cancelled.onboarding.id,
  });
  expect(await shown(cancelled.id)).toMatchObject({ status: "REJECTED" });

  const again = `mutation ($input: KeyedVersionedIdInput!) { startVendorOnboarding(input: $input) { vendor ${selection} } }`;
  const input = { id: rejected.id, expectedVersion: 2, idempotencyKey: "again" };
  const first = await acme.admin.run<{ startVendorOnboarding: { vendor: Shown } }>(again, { input });
  expect(first.startVendorOnboarding.vendor).toMatchObject({ status: "ONBOARDING", version: 3, onboarding: { state: "draft" } });
  expect(await acme.admin.run(again, { input })).toEqual(first);
  expect((await acme.admin.refused(again, { input: { id: rejected.id } })).extensions).toMatchObject({
    code: "CONFLICT",
    currentState: "ONBOARDING",
  });
  expect(await acme.manager.refusal(again, { input: { id: rejected.id } })).toBe("FORBIDDEN");
  await approved(first.startVendorOnboarding.vendor.onboarding?.id ?? "");
  expect(await shown(rejected.id)).toMatchObject({ status: "ACTIVE" });
  expect(await actions(rejected.id)).toEqual(["vendor.create", "vendor.reject", "vendor.startOnboarding", "vendor.approve"]);
});

test("a vendor in onboarding cannot be suspended, blocked, reinstated or deactivated", async () => {
  const { id } = await onboarded(acme.admin);
  for (const verb of ["suspend", "block", "reinstate"]) {
    const mutation = `mutation ($input: VendorStatusInput!) { ${verb}Vendor(input: $input) { vendor { id } } }`;
    expect(await acme.manager.refusal(mutation, { input: { id, reason: "Late" } })).toBe("CONFLICT");
  }
  expect(await acme.admin.refusal("mutation ($id: ID!) { deactivateVendor(input: { id: $id }) { vendor { id } } }", { id })).toBe(
    "CONFLICT",
  );
});

test("an onboarding needs a published definition that requires only what vendors have", async () => {
  const tenant = await weft.tenant();
  const create = "mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id } } }";
  const input = { code: "N", name: "New", onboard: true };
  const problems = async () => (await tenant.admin.refused(create, { input })).extensions?.["problems"];
  expect(await problems()).toEqual([
    { path: "input.onboard", message: expect.stringContaining('the definition "vendor-onboarding"') as string },
  ]);
  await tenant.definition(
    "weft: 1\nkey: vendor-onboarding\nname: Onboarding\ndata: { required: [vendorName, taxId], properties: { vendorName: { type: string }, taxId: { type: string } } }\ninitial: open\nstates:\n  open: { transitions: { finish: { to: done, allow: { owner: true } } } }\n  done: { final: completed }\n",
  );
  expect(await problems()).toEqual([{ path: "input.onboard", message: expect.stringContaining("requires taxId") as string }]);
  expect(await tenant.admin.run("{ vendors { totalCount } }")).toEqual({ vendors: { totalCount: 0 } });
});

test("a definition of the tenant's own decides by how it ends, whatever its states are called", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(
    "weft: 1\nkey: vendor-onboarding\nname: Onboarding\ninitial: a\nstates:\n  a: { transitions: { yes: { to: b, allow: { owner: true } }, no: { to: c, allow: { owner: true } } } }\n  b: { final: completed }\n  c: { final: rejected }\n",
  );
  for (const [transition, status] of [
    ["yes", "ACTIVE"],
    ["no", "REJECTED"],
  ] as const) {
    const { id, onboarding } = await onboarded(tenant.admin);
    await fire(tenant.admin, onboarding.id, transition);
    expect(await tenant.admin.run("query ($id: ID!) { vendor(id: $id) { status } }", { id })).toEqual({ vendor: { status } });
  }
});

test("users of the vendor see its status, and not its onboarding", async () => {
  const { tenant } = acme;
  const { id, user } = await tenant.vendor("Northwind");
  await acme.admin.run("mutation ($id: ID!) { deactivateVendor(input: { id: $id }) { vendor { id } } }", { id });
  await acme.admin.run("mutation ($id: ID!) { startVendorOnboarding(input: { id: $id }) { vendor { id } } }", { id });
  expect(await user.run("query ($id: ID!) { vendor(id: $id) { status onboarding { id state } } }", { id })).toEqual({
    vendor: { status: "ONBOARDING", onboarding: null },
  });
});

test("tasks and transitions of an onboarding lead to the vendor, for users who can see it", async () => {
  const { id, onboarding } = await onboarded(acme.admin);
  const subject = "subject { __typename ... on Vendor { id code } }";
  const transition = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { ${subject} } }`;
  const input = { instanceId: onboarding.id, transition: "submit", input: { taxId: "DE123456" } };
  const vendor = { __typename: "Vendor", id, code: expect.any(String) as string };
  expect(await acme.admin.run(transition, { input })).toEqual({ fireTransition: { subject: vendor } });
  const inbox = `{ tasks(queue: OFFERED_TO_ME, first: 100) { edges { node { instance { id } ${subject} } } } }`;
  interface Inbox {
    readonly tasks: {
      readonly edges: { readonly node: { readonly instance: { readonly id: string } | null; readonly subject: object } }[];
    };
  }
  const ofOnboarding = async (who: TestUser) =>
    (await who.run<Inbox>(inbox)).tasks.edges.map(({ node }) => node).filter(({ instance }) => instance?.id === onboarding.id);
  expect(await ofOnboarding(acme.operations)).toEqual([{ instance: { id: onboarding.id }, subject: vendor }]);
  const permissions = ["workflow.read"].map((permission) => ({ permission, scope: "TENANT" }));
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: "no_vendors", name: "No vendors", permissions },
  });
  const blind = await acme.tenant.user("no_vendors");
  const read = `query ($id: ID!) { workflowInstance(id: $id) { ${subject} } }`;
  expect(await blind.run(read, { id: onboarding.id })).toEqual({ workflowInstance: { subject: null } });
});

test("an inbox of ten onboardings reads their vendors in as many statements as one", { tags: "slow" }, async () => {
  const own = await aMaintenanceTenant(weft);
  await own.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
  const query = "{ workflowInstances(first: 100) { edges { node { subject { ... on Vendor { id code } } } } } }";
  const add = async () => void (await onboarded(own.admin));
  await add();
  const one = await weft.statementCount(() => own.admin.run(query));
  for (let n = 0; n < 9; n++) await add();
  expect(await weft.statementCount(() => own.admin.run(query))).toBe(one);
});

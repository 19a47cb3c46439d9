import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, sharedWeft, until, type MaintenanceTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await sql.end();
});

const change = (verb: string) => {
  const name = `${verb}Vendor`;
  const type = verb === "deactivate" ? "VersionedIdInput" : "VendorStatusInput";
  return `mutation ($input: ${type}!) { ${name}(input: $input) { vendor { status version } } }`;
};
const run = (who: TestUser, verb: string, input: Record<string, unknown>) =>
  who.run(change(verb), { input: { ...(verb !== "deactivate" && { reason: "Damage" }), ...input } });
const refused = async (who: TestUser, verb: string, input: Record<string, unknown>) =>
  (await who.refused(change(verb), { input: { ...(verb !== "deactivate" && { reason: "Damage" }), ...input } })).extensions;

async function statusOf(who: TestUser, id: string): Promise<Record<string, unknown>> {
  const query = "query ($id: ID!) { vendor(id: $id) { status statusReason statusChangedAt createdAt } }";
  return (await who.run<{ vendor: Record<string, unknown> }>(query, { id })).vendor;
}

const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { assignee { __typename } } } }";

/** Returns why a request cannot be assigned to a vendor. */
async function whyNot(requestId: string, vendorId: string): Promise<unknown> {
  const { extensions } = await acme.operations.refused(assign, { input: { id: requestId, assignee: { vendorId } } });
  expect(extensions?.code).toBe("BAD_USER_INPUT");
  return extensions?.["problems"];
}

test("a vendor is suspended, blocked, deactivated and reinstated, with a reason, an audit entry and an event", async () => {
  const { tenant, manager, admin } = acme;
  const { id } = await tenant.vendor("Northwind");
  const before = await statusOf(manager, id);
  expect(before).toMatchObject({ status: "ACTIVE", statusReason: null, statusChangedAt: before["createdAt"] });
  expect(await run(manager, "suspend", { id, reason: " Late twice ", expectedVersion: 1 })).toEqual({
    suspendVendor: { vendor: { status: "SUSPENDED", version: 2 } },
  });
  const suspended = await statusOf(manager, id);
  expect(suspended).toMatchObject({ status: "SUSPENDED", statusReason: "Late twice" });
  expect(Date.parse(String(suspended["statusChangedAt"]))).toBeGreaterThan(Date.parse(String(before["statusChangedAt"])));
  await run(manager, "block", { id });
  expect(await statusOf(manager, id)).toMatchObject({ status: "BLOCKED", statusReason: "Damage" });
  await run(admin, "deactivate", { id });
  expect(await statusOf(manager, id)).toMatchObject({ status: "INACTIVE", statusReason: null });
  await run(manager, "reinstate", { id, reason: "Settled" });
  expect(await statusOf(manager, id)).toMatchObject({ status: "ACTIVE", statusReason: "Settled" });
  const trail = await admin.run<{ vendor: { auditTrail: { edges: { node: { action: string } }[] } } }>(
    "query ($id: ID!) { vendor(id: $id) { auditTrail(first: 10) { edges { node { action } } } } }",
    { id },
  );
  expect(trail.vendor.auditTrail.edges.map(({ node }) => node.action).toSorted()).toEqual([
    "vendor.block",
    "vendor.create",
    "vendor.deactivate",
    "vendor.reinstate",
    "vendor.suspend",
  ]);
  const events = await sql<{ type: string }[]>`
    select type from events.log where tenant_id = ${tenant.id} and subject_id = ${decodeId("vendor", id)} order by subject_version`;
  expect(events.map(({ type }) => type)).toEqual([
    "vendor.created",
    "vendor.suspended",
    "vendor.blocked",
    "vendor.deactivated",
    "vendor.reinstated",
  ]);
});

test("a change that the status does not allow says which statuses do", async () => {
  const { tenant, manager } = acme;
  const { id } = await tenant.vendor("Northwind");
  expect(await refused(manager, "reinstate", { id })).toMatchObject({ code: "CONFLICT", currentState: "ACTIVE" });
  await run(manager, "block", { id });
  const { message } = await manager.refused(change("suspend"), { input: { id, reason: "Late" } });
  expect(message).toBe("The vendor is BLOCKED. Only vendors with the status ACTIVE can become SUSPENDED.");
  expect(await refused(manager, "block", { id })).toMatchObject({ code: "CONFLICT" });
  expect(await refused(manager, "reinstate", { id, expectedVersion: 1 })).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
  for (const reason of ["", " ", "x".repeat(1001)])
    expect(await refused(manager, "reinstate", { id, reason })).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.reason" }],
    });
});

test("users without the permission change no status, and users of the vendor see no reason", async () => {
  const { tenant, manager, operations } = acme;
  const { id, user } = await tenant.vendor("Northwind");
  await run(manager, "suspend", { id, reason: "Under suspicion" });
  for (const verb of ["suspend", "block", "reinstate"]) {
    expect(await refused(operations, verb, { id })).toMatchObject({ code: "FORBIDDEN" });
    expect(await refused(user, verb, { id })).toMatchObject({ code: "FORBIDDEN" });
  }
  expect(await user.run("query ($id: ID!) { vendor(id: $id) { status } }", { id })).toEqual({ vendor: { status: "SUSPENDED" } });
  expect(await user.refusal("query ($id: ID!) { vendor(id: $id) { statusReason } }", { id })).toBe("FORBIDDEN");
  const theirs = await weft.tenant();
  for (const verb of ["suspend", "block", "reinstate"])
    expect(await refused(theirs.admin, verb, { id })).toMatchObject({ code: "NOT_FOUND" });
});

test("a vendor gets new work only while it is active, and keeps what it has", async () => {
  const { tenant, manager, admin, operations } = acme;
  const { id, user } = await tenant.vendor("Northwind");
  const kept = await acme.request("approved");
  await acme.assign(kept, { vendorId: id });
  const next = await acme.request("approved");
  await run(manager, "suspend", { id, reason: "Late twice" });
  const path = "input.assignee.vendorId";
  expect(await whyNot(next.id, id)).toEqual([{ path, message: 'The vendor "Northwind" is suspended: Late twice' }]);
  await run(manager, "block", { id, reason: "Fraud" });
  expect(await whyNot(next.id, id)).toEqual([{ path, message: 'The vendor "Northwind" is blocked: Fraud' }]);
  await run(admin, "deactivate", { id });
  expect(await whyNot(next.id, id)).toEqual([{ path, message: 'The vendor "Northwind" is inactive.' }]);
  expect(await user.run("query ($id: ID!) { request(id: $id) { id } }", { id: kept.id })).toEqual({ request: { id: kept.id } });
  await run(manager, "reinstate", { id });
  expect(await operations.run(assign, { input: { id: next.id, assignee: { vendorId: id } } })).toMatchObject({
    assignRequest: { request: { assignee: { __typename: "Vendor" } } },
  });
});

test("a vendor of another tenant gets no work, and its name stays unknown", async () => {
  const request = await acme.request("approved");
  const theirs = await (await weft.tenant()).vendor("Contoso");
  expect(await whyNot(request.id, theirs.id)).toEqual([{ path: "input.assignee.vendorId", message: "No vendor with this ID exists." }]);
});

const isWaiting = async (statement: string): Promise<boolean> =>
  (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like ${`%${statement}%`} and pid <> pg_backend_pid()`)
    .length > 0;

test("an assignment waits for a concurrent suspension, and is refused", async () => {
  const { tenant } = acme;
  const { id } = await tenant.vendor("Northwind");
  const request = await acme.request("approved");
  const suspending = await sql.begin(async (tx) => {
    await tx`update vendors.vendors set status = 'SUSPENDED', status_reason = 'Late' where id = ${decodeId("vendor", id)}`;
    const refusal = whyNot(request.id, id);
    await until(() => isWaiting("lockVendorForWork"), { what: "the assignment waits for the vendor" });
    return { refusal };
  });
  expect(await suspending.refusal).toMatchObject([{ message: 'The vendor "Northwind" is suspended: Late' }]);
});

test("a suspension waits for a concurrent assignment", async () => {
  const { tenant, manager, operations } = acme;
  const { id } = await tenant.vendor("Northwind");
  const request = await acme.request("approved");
  const { assigned, suspended } = await sql.begin(async (tx) => {
    // The assignment stops after it has read the vendor.
    await tx`lock table app.object_access in share mode`;
    const assigning = operations.run(assign, { input: { id: request.id, assignee: { vendorId: id } } });
    await until(() => isWaiting("grantObjectAccess"), { what: "the assignment waits for the table" });
    const changing = run(manager, "suspend", { id });
    await until(() => isWaiting("lockVendor"), { what: "the suspension waits for the assignment" });
    return { assigned: assigning, suspended: changing };
  });
  expect(await assigned).toMatchObject({ assignRequest: { request: { assignee: { __typename: "Vendor" } } } });
  expect(await suspended).toMatchObject({ suspendVendor: { vendor: { status: "SUSPENDED" } } });
});

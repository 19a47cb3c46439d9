import { decodeId } from "@weft/shared/ids";
import {
  acceptVendorDocument,
  aMaintenanceTenant,
  aProject,
  aTask,
  createTask,
  loadExampleDefinition,
  type MaintenanceTenant,
  newVendorDocument,
  requireVendorDocuments,
  sharedWeft,
  type TestUser,
  type SharedWeft,
  until,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: MaintenanceTenant;
let vendor: { readonly id: string; readonly user: TestUser };

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
});
beforeEach(async () => {
  acme = await aMaintenanceTenant(weft);
  vendor = await acme.tenant.vendor("Bright");
  await stopClock("2026-03-02T08:00:00Z");
});

/** Makes the tenant's clock stand at a time. */
const stopClock = (at: string) =>
  sql`update identity.tenants set is_sandbox = true, clock_stands_at = ${at} where tenant_id = ${acme.tenant.id}`;

const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { assignee { __typename } } } }";

/** Returns why a new request cannot be assigned to the vendor. Null if it was assigned. */
async function whyNot(vendorId = vendor.id): Promise<string | null> {
  const { id } = await acme.request("approved");
  const { data, errors } = await acme.operations.send(assign, { input: { id, assignee: { vendorId } } });
  if (data?.["assignRequest"]) return null;
  const [{ path, message } = { path: "", message: "" }] = (errors?.[0]?.extensions?.["problems"] ?? []) as {
    path: string;
    message: string;
  }[];
  expect(path).toBe("input.assignee.vendorId");
  return message;
}

async function missing(): Promise<unknown> {
  const query = "query ($id: ID!) { vendor(id: $id) { missingDocuments { kind reason expiredAt document { id } } } }";
  return (await acme.admin.run<{ vendor: { missingDocuments: unknown } }>(query, { id: vendor.id })).vendor.missingDocuments;
}

test(
  "a vendor without a required document gets no new work until the document is accepted, and keeps what it has",
  { tags: "slow" },
  async () => {
    const { admin } = acme;
    const kept = await acme.request("approved");
    await acme.assign(kept, { vendorId: vendor.id });
    await requireVendorDocuments(admin, [{ kind: "INSURANCE" }]);
    expect(await whyNot()).toBe('The vendor "Bright" gets no new work: its required document INSURANCE is missing.');
    expect(await missing()).toEqual([{ kind: "INSURANCE", reason: "MISSING", expiredAt: null, document: null }]);
    const id = await newVendorDocument(admin, { vendorId: vendor.id });
    expect(await whyNot()).toBe(
      'The vendor "Bright" gets no new work: its required document INSURANCE ("Liability insurance") is not reviewed yet.',
    );
    const review = "mutation ($input: ReviewVendorDocumentInput!) { reviewVendorDocument(input: $input) { document { status } } }";
    await admin.run(review, { input: { id, decision: "REJECT", reason: "Unreadable" } });
    expect(await whyNot()).toBe(
      'The vendor "Bright" gets no new work: its required document INSURANCE ("Liability insurance") was rejected.',
    );
    expect(await missing()).toEqual([{ kind: "INSURANCE", reason: "REJECTED", expiredAt: null, document: { id } }]);
    await acceptVendorDocument(admin, id);
    expect([await whyNot(), await missing()]).toEqual([null, []]);
    expect(await vendor.user.run("query ($id: ID!) { request(id: $id) { id } }", { id: kept.id })).toEqual({ request: { id: kept.id } });
  },
);

test("a document expires exactly at the end of its last day in the time zone of the organization", { tags: "slow" }, async () => {
  const { admin } = acme;
  await admin.run(
    'mutation { updateConfiguration(input: { patch: { timeZone: "America/New_York" }, message: "Our time zone" }) { configuration { version } } }',
  );
  await requireVendorDocuments(admin, [{ kind: "INSURANCE" }]);
  const id = await newVendorDocument(admin, { vendorId: vendor.id, validUntil: "2026-06-30" });
  await acceptVendorDocument(admin, id);
  await stopClock("2026-07-01T03:59:59Z");
  expect(await whyNot()).toBeNull();
  await stopClock("2026-07-01T04:00:00Z");
  expect(await whyNot()).toBe(
    'The vendor "Bright" gets no new work: its required document INSURANCE ("Liability insurance") expired at 2026-07-01T04:00:00Z.',
  );
  expect(await missing()).toEqual([{ kind: "INSURANCE", reason: "EXPIRED", expiredAt: "2026-07-01T04:00:00.000Z", document: { id } }]);
  const read = "query ($id: ID!) { vendor(id: $id) { documents { edges { node { expiresAt isExpired } } } } }";
  expect(await vendor.user.run(read, { id: vendor.id })).toEqual({
    vendor: { documents: { edges: [{ node: { expiresAt: "2026-07-01T04:00:00.000Z", isExpired: true } }] } },
  });
  const next = await newVendorDocument(admin, { vendorId: vendor.id, validUntil: "2027-06-30" });
  expect(await missing()).toMatchObject([{ reason: "NOT_REVIEWED", expiredAt: "2026-07-01T04:00:00.000Z", document: { id: next } }]);
  await acceptVendorDocument(admin, next);
  expect(await whyNot()).toBeNull();
});

test("project tasks are not assigned to a vendor without its documents either", async () => {
  const { admin, tenant } = acme;
  await requireVendorDocuments(admin, [{ kind: "INSURANCE" }]);
  await tenant.definition(await loadExampleDefinition("project"));
  const projectId = await aProject(admin);
  const input = { projectId, name: "Paint", durationMinutes: 60, assigneeId: vendor.id };
  expect(await admin.refusal(createTask, { input })).toBe("BAD_USER_INPUT");
  await acceptVendorDocument(admin, await newVendorDocument(admin, { vendorId: vendor.id }));
  expect(await aTask(admin, projectId, "Paint", { assigneeId: vendor.id })).toMatch(/^ptk_/);
});

test("a requirement for categories concerns only vendors of one of them, in upper or lower case", async () => {
  const { admin } = acme;
  await requireVendorDocuments(admin, [{ kind: "F_GAS", categories: ["hvac", "cooling"] }]);
  expect(await whyNot()).toBeNull();
  await admin.run('mutation ($id: ID!) { updateVendor(input: { id: $id, categories: ["HVAC", "roofs"] }) { vendor { id } } }', {
    id: vendor.id,
  });
  expect(await whyNot()).toBe('The vendor "Bright" gets no new work: its required document F_GAS is missing.');
});

test(
  "a removed document no longer counts, and a changed one waits for a review again unless only its title changes",
  { tags: "slow" },
  async () => {
    const { admin } = acme;
    await requireVendorDocuments(admin, [{ kind: "INSURANCE" }]);
    const id = await newVendorDocument(admin, { vendorId: vendor.id });
    await acceptVendorDocument(admin, id);
    const update = "mutation ($input: UpdateVendorDocumentInput!) { updateVendorDocument(input: $input) { document { status title } } }";
    expect(await admin.run(update, { input: { id, title: "Liability" } })).toEqual({
      updateVendorDocument: { document: { status: "ACCEPTED", title: "Liability" } },
    });
    expect(await admin.run(update, { input: { id, validUntil: "2099-12-31" } })).toMatchObject({
      updateVendorDocument: { document: { status: "SUBMITTED" } },
    });
    expect(await whyNot()).toContain("is not reviewed yet");
    await acceptVendorDocument(admin, id);
    await admin.run("mutation ($id: ID!) { removeVendorDocument(input: { id: $id }) { id } }", { id });
    expect(await whyNot()).toContain("is missing");
  },
);

const isWaiting = async (statement: string): Promise<boolean> =>
  (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like ${`%${statement}%`} and pid <> pg_backend_pid()`)
    .length > 0;

test("a rejection waits for a concurrent assignment, and the next assignment is refused", { tags: "slow" }, async () => {
  const { admin, operations } = acme;
  await requireVendorDocuments(admin, [{ kind: "INSURANCE" }]);
  const id = await newVendorDocument(admin, { vendorId: vendor.id });
  await acceptVendorDocument(admin, id);
  const request = await acme.request("approved");
  const { assigned, rejected } = await sql.begin(async (tx) => {
    // The assignment stops after it has read the vendor.
    await tx`lock table app.object_access in share mode`;
    const assigning = operations.run(assign, { input: { id: request.id, assignee: { vendorId: vendor.id } } });
    await until(() => isWaiting("grantObjectAccess"), { what: "the assignment waits for the table" });
    const rejecting = admin.run(
      'mutation ($id: ID!) { reviewVendorDocument(input: { id: $id, decision: REJECT, reason: "Forged" }) { document { status } } }',
      { id },
    );
    await until(() => isWaiting("lockVendorOfDocument"), { what: "the rejection waits for the assignment" });
    return { assigned: assigning, rejected: rejecting };
  });
  expect(await assigned).toMatchObject({ assignRequest: { request: { assignee: { __typename: "Vendor" } } } });
  expect(await rejected).toMatchObject({ reviewVendorDocument: { document: { status: "REJECTED" } } });
  expect(await whyNot()).toContain("was rejected");
});

test("an assignment waits for a concurrent rejection, and is refused", async () => {
  const { admin } = acme;
  await requireVendorDocuments(admin, [{ kind: "INSURANCE" }]);
  const id = await newVendorDocument(admin, { vendorId: vendor.id });
  await acceptVendorDocument(admin, id);
  const rejecting = await sql.begin(async (tx) => {
    await tx`select from vendors.vendors where id = ${decodeId("vendor", vendor.id)} for no key update`;
    const refusal = whyNot();
    await until(() => isWaiting("lockVendorForWork"), { what: "the assignment waits for the vendor" });
    await tx`update vendors.documents set status = 'REJECTED', reason = 'Forged' where id = ${decodeId("vendorDocument", id)}`;
    return { refusal };
  });
  expect(await rejecting.refusal).toContain("was rejected");
});

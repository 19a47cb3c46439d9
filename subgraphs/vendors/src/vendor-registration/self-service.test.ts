import {
  aMaintenanceTenant,
  ApiClient,
  loadExampleDefinition,
  type MaintenanceTenant,
  sharedWeft,
  type TestTenant,
  TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { newVendorRegistrationLink } from "@weft/testkit/tenants/new-vendor-registration-link";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let nobody: ApiClient;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
  nobody = new ApiClient(weft.url);
});

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly onboarding: {
    readonly id: string;
    readonly state: string;
    readonly data: Record<string, unknown>;
    readonly availableTransitions: readonly { readonly name: string; readonly allowed: boolean }[];
  } | null;
}
const ownVendors =
  "{ vendors(first: 10) { edges { node { id status onboarding { id state data availableTransitions { name allowed } } } } } }";
const invite = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }";
const accept = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { user { id } } }";
const register = "mutation ($input: RegisterVendorInput!) { registerVendor(input: $input) { receivedAt } }";
const addDocument = "mutation ($input: AddVendorDocumentInput!) { addVendorDocument(input: $input) { document { id status } } }";
const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }";

/** A company registers with a link, and somebody of it gets a login. */
async function registered(
  { admin, slug }: TestTenant,
  name: string,
  roleKeys = ["vendor_user"],
): Promise<{ vendorId: string; user: TestUser }> {
  const { token } = await newVendorRegistrationLink(admin);
  const email = `${name.toLowerCase()}@${slug}.example`;
  await nobody.run(register, { input: { token, name, email, contactName: "Sara", categories: ["electrical"] } });
  const { vendors } = await admin.run<{ vendors: { edges: { node: { id: string } }[] } }>(
    "query ($name: String!) { vendors(filter: { name: { eq: $name } }) { edges { node { id } } } }",
    { name },
  );
  const vendorId = vendors.edges[0]?.node.id ?? expect.fail("The vendor is not registered.");
  await admin.run(invite, { input: { email, name: "Sara", vendorId, roleKeys } });
  const password = "a bright river 42";
  await nobody.run(accept, { input: { token: (await weft.mails(email)).at(-1)?.token, password } });
  return { vendorId, user: await TestUser.login(weft.url, email, password) };
}

async function own(user: TestUser): Promise<Shown> {
  const { vendors } = await user.run<{ vendors: { edges: { node: Shown }[] } }>(ownVendors);
  expect(vendors.edges).toHaveLength(1);
  return vendors.edges[0]?.node ?? expect.fail("The user sees no vendor.");
}

test("a vendor that registered itself adds its documents, submits its onboarding, and is approved", { tags: "slow" }, async () => {
  const { tenant, operations, manager } = acme;
  const { vendorId, user } = await registered(tenant, "Bright");
  const { onboarding, ...vendor } = await own(user);
  expect(vendor).toEqual({ id: vendorId, status: "ONBOARDING" });
  expect(onboarding).toMatchObject({ state: "draft", data: { vendorName: "Bright", categories: ["electrical"] } });
  const allowed = (of: Shown["onboarding"]) => of?.availableTransitions.filter((one) => one.allowed).map(({ name }) => name);
  expect(allowed(onboarding)).toEqual(["submit", "withdraw"]);
  const instanceId = onboarding?.id ?? "";
  const submit = (input: object) => user.send(fire, { input: { instanceId, transition: "submit", input } });

  const fileId = await uploadText(user, { name: "policy.txt" });
  expect(await user.run(addDocument, { input: { vendorId, kind: "INSURANCE", title: "Liability", fileId } })).toMatchObject({
    addVendorDocument: { document: { status: "SUBMITTED" } },
  });
  // What the approval depends on is not theirs to give.
  expect((await submit({ taxId: "DE123456", annualSpend: 0 })).errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
  expect((await submit({})).errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.input.taxId" }] });
  expect((await submit({ taxId: "DE123456", contactPhone: "+49 1" })).data).toEqual({
    fireTransition: { instance: { state: "checking" } },
  });

  const documents =
    "query ($id: ID!) { vendor(id: $id) { documents { edges { node { kind attachments { edges { node { file { name } } } } } } } } }";
  expect(await operations.run(documents, { id: vendorId })).toEqual({
    vendor: {
      documents: { edges: [{ node: { kind: "INSURANCE", attachments: { edges: [{ node: { file: { name: "policy.txt" } } }] } } }] },
    },
  });
  await operations.run(fire, { input: { instanceId, transition: "send_back", comment: "The tax ID is not yours" } });
  const history = "query ($id: ID!) { workflowInstance(id: $id) { state history { transition comment } } }";
  expect(await user.run(history, { id: instanceId })).toMatchObject({
    workflowInstance: {
      state: "draft",
      history: expect.arrayContaining([{ transition: "send_back", comment: "The tax ID is not yours" }]) as object,
    },
  });
  expect((await submit({ taxId: "DE654321" })).errors).toBeUndefined();
  const checked = { isInsured: true, annualSpend: 500, riskNote: "Two people only" };
  await operations.run(fire, { input: { instanceId, transition: "confirm", input: checked } });

  const { onboarding: now } = await own(user);
  expect(allowed(now)).toEqual([]);
  expect(now?.data).toMatchObject({ taxId: "DE654321", isInsured: true });
  for (const hidden of ["riskNote", "annualSpend", "checkedBy"]) expect(now?.data).not.toHaveProperty(hidden);
  const entries = "query ($id: ID!) { workflowInstance(id: $id) { history { input changes } } }";
  expect(JSON.stringify(await operations.run(entries, { id: instanceId }))).toContain("Two people only");
  expect(JSON.stringify(await user.run(entries, { id: instanceId }))).not.toMatch(/Two people only|annualSpend|checkedBy/);
  for (const transition of ["approve", "reject"])
    expect(await user.refusal(fire, { input: { instanceId, transition, comment: "We are good" } })).toBe("TRANSITION_REJECTED");
  await manager.run(fire, { input: { instanceId, transition: "approve" } });
  expect(await own(user)).toMatchObject({ status: "ACTIVE", onboarding: { state: "active" } });
});

test("the vendor learns nothing of the data hidden from it from a condition that does not hold", async () => {
  const { tenant, operations, manager } = acme;
  const { user } = await registered(tenant, "Glow");
  const instanceId = (await own(user)).onboarding?.id ?? "";
  await user.run(fire, { input: { instanceId, transition: "submit", input: { taxId: "DE123456" } } });
  await operations.run(fire, { input: { instanceId, transition: "confirm", input: { isInsured: false, annualSpend: 5000 } } });

  const available = "query ($id: ID!) { workflowInstance(id: $id) { data availableTransitions { name allowed reasons } } }";
  const explain =
    'query ($id: ID!) { explainTransition(instanceId: $id, transition: "approve") { allowed ruleResults { rule message path } } }';
  const answers = async (of: TestUser) => [
    await of.send(available, { id: instanceId }),
    await of.send(explain, { id: instanceId }),
    await of.send(fire, { input: { instanceId, transition: "approve" } }),
  ];
  for (const answer of await answers(manager)) expect(JSON.stringify(answer)).toContain("5000");
  const [seen, explained, fired] = (await answers(user)).map((answer) => JSON.stringify(answer));
  for (const answer of [seen, explained, fired]) expect(answer).not.toMatch(/5000|annualSpend/);
  for (const answer of [seen, explained, fired]) expect(answer).toContain("This requires the role");
});

test("where a vendor can fire a transition, the reason why its condition does not hold omits hidden data", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(`weft: 1
key: vendor-onboarding
name: Onboarding
data:
  properties: { annualSpend: { type: number }, riskNote: { type: string }, size: { type: number } }
index: [annualSpend, riskNote, size]
initial: a
states:
  a:
    transitions:
      note: { to: a, allow: { owner: true }, input: { properties: { annualSpend: { type: number }, riskNote: { type: string }, size: { type: number } } } }
      spend: { to: b, allow: { assignee: true }, when: "data.size < data.annualSpend" }
      grow: { to: b, allow: { assignee: true }, when: "data.size < 10" }
  b: { final: completed }
`);
  const { user } = await registered(tenant, "Gleam");
  const instanceId = (await own(user)).onboarding?.id ?? "";
  await tenant.admin.run(fire, { input: { instanceId, transition: "note", input: { annualSpend: 5000, riskNote: "Shaky", size: 6000 } } });
  const available = "query ($id: ID!) { workflowInstance(id: $id) { availableTransitions { name reasons } } }";
  expect(await user.run(available, { id: instanceId })).toMatchObject({
    workflowInstance: {
      availableTransitions: expect.arrayContaining([
        { name: "spend", reasons: ["The condition does not hold."] },
        { name: "grow", reasons: ["Size is 6000, but must be less than 10."] },
      ]) as object,
    },
  });
  expect(JSON.stringify(await user.send(fire, { input: { instanceId, transition: "spend" } }))).not.toContain("5000");

  const list = "query ($filter: WorkflowInstanceFilter) { workflowInstances(filter: $filter) { edges { node { id } } } }";
  const found = async (of: TestUser, filter: object): Promise<number> =>
    (await of.run<{ workflowInstances: { edges: unknown[] } }>(list, { filter })).workflowInstances.edges.length;
  const byHidden = [{ data: [{ field: "annualSpend", gt: 4000 }] }, { search: { contains: "Shaky" } }];
  for (const filter of byHidden) expect([await found(user, filter), await found(tenant.admin, filter)]).toEqual([0, 1]);
  const without = { data: [{ field: "annualSpend", isNull: true }] };
  expect([await found(user, without), await found(tenant.admin, without)]).toEqual([1, 0]);
  expect(await found(user, { data: [{ field: "size", gt: 4000 }] })).toBe(1);
});

test("users of a vendor see and write the onboarding and documents of no other vendor", async () => {
  const [bright, volta] = [await registered(acme.tenant, "Brightly"), await registered(acme.tenant, "Volta")];
  const instanceId = (await own(bright.user)).onboarding?.id;
  expect((await own(volta.user)).onboarding?.id).not.toBe(instanceId);
  expect(await volta.user.refusal("query ($id: ID!) { workflowInstance(id: $id) { id } }", { id: instanceId })).toBe("NOT_FOUND");
  const input = { instanceId, transition: "submit", input: { taxId: "DE123456" } };
  expect(await volta.user.refusal(fire, { input })).toBe("NOT_FOUND");
  const fileId = await uploadText(volta.user, { name: "policy.txt" });
  const document = { vendorId: bright.vendorId, kind: "INSURANCE", title: "Liability", fileId };
  expect(await volta.user.refusal(addDocument, { input: document })).toBe("NOT_FOUND");
});

test("a definition whose first transitions are not for the assignee stays with the organization", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(
    "weft: 1\nkey: vendor-onboarding\nname: Onboarding\ninitial: a\nstates:\n  a: { transitions: { yes: { to: b, allow: { owner: true } } } }\n  b: { final: completed }\n",
  );
  const { user } = await registered(tenant, "Shine");
  expect(await own(user)).toMatchObject({ status: "ONBOARDING", onboarding: null });
});

test(
  "a definition whose automatic transitions leave the initial state is given to the vendor if the assignee can continue",
  { tags: "slow" },
  async () => {
    const onboarding = (rest: string) => `weft: 1
key: vendor-onboarding
name: Onboarding
initial: a
states:
  a: { transitions: { go: { to: b, auto: true }, wait: { to: b, allow: { assignee: true } } } }
  ${rest}
`;
    const of = async (rest: string, name: string) => {
      const tenant = await weft.tenant();
      await tenant.definition(onboarding(rest));
      return own((await registered(tenant, name)).user);
    };
    expect(await of("b: { transitions: { yes: { to: c, allow: { assignee: true } } } }\n  c: { final: completed }", "Moved")).toMatchObject(
      {
        onboarding: { state: "b" },
      },
    );
    expect(await of("b: { transitions: { yes: { to: c, allow: { owner: true } } } }\n  c: { final: completed }", "Kept")).toMatchObject({
      onboarding: null,
    });
    expect(await of("b: { final: rejected }", "Ended")).toMatchObject({ onboarding: null });
  },
);

test("a user of a vendor who can read audit entries sees none of its vendor and its onboarding", async () => {
  const { tenant, operations } = acme;
  await tenant.role("auditor", ["audit.read", "vendor.read", "workflow.read"]);
  const { vendorId, user } = await registered(tenant, "Lumen", ["vendor_user", "auditor"]);
  const id = (await own(user)).onboarding?.id ?? "";
  await user.run(fire, { input: { instanceId: id, transition: "submit", input: { taxId: "DE123456" } } });
  await operations.run(fire, { input: { instanceId: id, transition: "confirm", input: { isInsured: true, annualSpend: 5000 } } });
  const trail = "auditTrail { edges { node { action after } } }";
  const trails = `query ($vendorId: ID!, $id: ID!) { vendor(id: $vendorId) { ${trail} } workflowInstance(id: $id) { ${trail} } }`;
  const none = { auditTrail: { edges: [] } };
  expect(await user.run(trails, { vendorId, id })).toEqual({ vendor: none, workflowInstance: none });
  const seen = JSON.stringify(await tenant.admin.run(trails, { vendorId, id }));
  for (const part of ["vendor.create", "workflow.fire", "5000"]) expect(seen).toContain(part);
  const entries = await user.run("{ auditEntries(first: 100) { edges { node { entityId after } } } }");
  expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${vendorId}|${id}|5000`));
});

import { createHash } from "node:crypto";
import { decodeId } from "@weft/shared/ids";
import { contractApproval, decideContract, newContract, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let vendor: { id: string; user: TestUser };

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant("Acme");
  ({ admin } = acme);
  vendor = await acme.vendor("Bright");
  await acme.definition(contractApproval);
});

afterAll(async () => {
  await sql.end();
});

const contract = (input: object = {}) => newContract(admin, { vendorId: vendor.id, ...input });
const update = "mutation ($input: UpdateContractInput!) { updateContract(input: $input) { contract { title version draft { title } } } }";
const submit = "mutation ($id: ID!) { submitContract(input: { id: $id }) { contract { status draft { workflow { id } } } } }";
const createVersion =
  "mutation ($id: ID!) { createContractVersion(input: { id: $id }) { contract { status version draft { number title } } } }";
const remove = "mutation ($id: ID!) { deleteContract(input: { id: $id }) { id } }";
const restore = "mutation ($id: ID!) { restoreContract(input: { id: $id }) { contract { number } } }";
const one = `query ($id: ID!) { contract(id: $id) { number status title endsOn version amount { amount currency } vendor { name }
  signedVersion { number } draft { number status reason } } }`;
const list =
  "query ($filter: ContractFilter, $orderBy: ContractOrder) { contracts(filter: $filter, orderBy: $orderBy) { edges { node { title } } } }";

const titles = async (who: TestUser, variables: object = {}) => {
  const { contracts } = await who.run<{ contracts: { edges: { node: { title: string } }[] } }>(list, { ...variables });
  return contracts.edges.map(({ node }) => node.title);
};

async function read(id: string, fields: string, who = admin): Promise<unknown> {
  const found = await who.run<{ contract: unknown }>(`query ($id: ID!) { contract(id: $id) { ${fields} } }`, { id });
  return found.contract;
}

async function eventsOf(id: string): Promise<string[]> {
  const rows = await sql<{ type: string }[]>`
    select type from events.log where tenant_id = ${acme.id} and subject_id = ${decodeId("contract", id)} order by subject_version, id`;
  return rows.map(({ type }) => type);
}

describe("contracts", () => {
  test("are created as a draft, with the vendor as the contractor, and numbered", async () => {
    const [first, second] = [await contract({ title: "First" }), await contract({ title: "Second" })];
    const { contract: found } = await admin.run<{ contract: { number: string } }>(one, { id: first });
    expect(found).toMatchObject({
      status: "DRAFT",
      title: "First",
      amount: { amount: 1_200_000, currency: "EUR" },
      vendor: { name: "Bright" },
      signedVersion: null,
      draft: { number: 1, status: "DRAFT", reason: null },
    });
    expect(await read(second, "number draft { parties { role name vendor { id } } }")).toEqual({
      number: `C-${Number(found.number.slice(2)) + 1}`,
      draft: { parties: [{ role: "CONTRACTOR", name: "Bright", vendor: { id: vendor.id } }] },
    });
  });

  test("with problems are refused, and all problems are named", async () => {
    const input = {
      vendorId: vendor.id,
      kind: "SERVICE",
      title: " ",
      amount: { amount: -1, currency: "XYZ1" },
      startsOn: "2026-02-01",
      endsOn: "2026-01-01",
      renewal: "AUTOMATIC",
      noticeDays: -1,
      obligations: [{ text: "", party: "CLIENT", dueOn: "2026-01-01", everyMonths: 0 }],
    };
    const error = await admin.refused("mutation ($input: CreateContractInput!) { createContract(input: $input) { contract { id } } }", {
      input,
    });
    const problems = error.extensions?.["problems"] as { path: string }[] | undefined;
    expect(problems?.map(({ path }) => path).toSorted()).toEqual([
      "input.amount.amount",
      "input.amount.currency",
      "input.endsOn",
      "input.noticeDays",
      "input.obligations.0.everyMonths",
      "input.obligations.0.text",
      "input.renewalMonths",
      "input.title",
    ]);
  });

  test("change as long as they are drafts; an old version is a conflict", async () => {
    const id = await contract();
    expect(await admin.run(update, { input: { id, expectedVersion: 1, title: "Windows", endsOn: null } })).toEqual({
      updateContract: { contract: { title: "Windows", version: 2, draft: { title: "Windows" } } },
    });
    expect(await read(id, "endsOn")).toEqual({ endsOn: null });
    const error = await admin.refused(update, { input: { id, expectedVersion: 1, title: "Late" } });
    expect(error.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
  });

  test("are listed by filter, search, and order", async () => {
    const tenant = await weft.tenant();
    const { id: vendorId } = await tenant.vendor();
    for (const title of ["Cleaning of offices", "Elevators", "Cleaning of windows"]) await newContract(tenant.admin, { vendorId, title });
    expect(await titles(tenant.admin)).toEqual(["Cleaning of windows", "Elevators", "Cleaning of offices"]);
    const cleaning = { filter: { search: { contains: "cleaning" } }, orderBy: { field: "TITLE", direction: "ASC" } };
    expect(await titles(tenant.admin, cleaning)).toEqual(["Cleaning of offices", "Cleaning of windows"]);
    expect(await titles(tenant.admin, { filter: { status: { eq: "ACTIVE" } } })).toEqual([]);
    expect(await titles(tenant.admin, { filter: { endsOn: { lte: "2027-12-31" }, title: { eq: "Elevators" } } })).toEqual(["Elevators"]);
  });

  test("are deleted and restored unless they were submitted", async () => {
    const id = await contract();
    expect(await admin.run(remove, { id })).toEqual({ deleteContract: { id: id } });
    expect(await admin.refusal(one, { id })).toBe("NOT_FOUND");
    await admin.run(restore, { id });
    expect(await admin.refusal(restore, { id })).toBe("NOT_FOUND");
    await decideContract(admin, id, "refuse", "Too long");
    expect(await admin.refusal(remove, { id })).toBe("CONFLICT");
    expect(await eventsOf(id)).toEqual([
      "contract.created",
      "contract.deleted",
      "contract.restored",
      "contract.submitted",
      "contract.refused",
    ]);
  });

  test("cannot be deleted while a workflow about them runs", async () => {
    const id = await contract();
    const { contract: found } = await admin.run<{ contract: { number: string } }>(one, { id });
    const start = "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }";
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, {
      input: { definitionKey: "contract-approval", data: { title: "A", counterparty: "B", value: 1 }, subjectId: id },
    });
    const { message, extensions } = await admin.refused(remove, { id });
    expect(message).toBe(`The contract "${found.number}" cannot be deleted while it has 1 running workflow. Cancel what is running first.`);
    expect(extensions).toMatchObject({ code: "CONFLICT", dependents: { runningWorkflows: 1 } });
    await admin.run("mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { id } } }", startWorkflow.instance);
    expect(await admin.run(remove, { id })).toEqual({ deleteContract: { id: id } });
  });

  test("cost as many statements for a page of ten as for a page of one", async () => {
    for (let n = 0; n < 10; n++) await contract();
    const query = `query ($first: Int!) { contracts(first: $first) { edges { node {
      id vendor { name } project { id } owner { name } signedVersion { number } versions { number parties { vendor { id } } } } } } }`;
    const statementsOf = (first: number) => weft.statementCount(() => admin.run(query, { first }));
    expect(await statementsOf(10)).toBe(await statementsOf(1));
  });
});

describe("an approval", () => {
  test("signs the version, whoever decides, and the contract is in force", async () => {
    const id = await contract({ title: "Elevators" });
    const { submitContract } = await admin.run<{ submitContract: { contract: { draft: { workflow: { id: string } } } } }>(submit, { id });
    expect(submitContract).toMatchObject({ contract: { status: "IN_APPROVAL" } });
    const { workflow } = submitContract.contract.draft;
    expect(await admin.run("query ($id: ID!) { workflowInstance(id: $id) { data subject { id } } }", { id: workflow.id })).toEqual({
      workflowInstance: {
        data: {
          title: "Elevators",
          counterparty: "Bright",
          value: 12_000,
          currency: "EUR",
          startsOn: "2026-01-01",
          endsOn: "2027-12-31",
        },
        subject: { id },
      },
    });
    expect(await admin.refusal(submit, { id })).toBe("CONFLICT");
    expect(await admin.refusal(update, { input: { id, title: "Escalators" } })).toBe("CONFLICT");
    const manager = await acme.user("workflow_manager");
    await manager.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "sign" }) { instance { id } } }', {
      id: workflow.id,
    });
    expect(await admin.run(one, { id })).toMatchObject({ contract: { status: "ACTIVE", signedVersion: { number: 1 }, draft: null } });
    expect(await eventsOf(id)).toEqual(["contract.created", "contract.submitted", "contract.signed"]);
    const trail = "auditTrail(first: 10) { edges { node { action actor { id } after } } }";
    const signed = { node: { action: "contract.sign", actor: { id: manager.id }, after: { status: "ACTIVE", number: 1 } } };
    const { auditTrail } = (await read(id, trail)) as { auditTrail: { edges: { node: { action: string } }[] } };
    expect(auditTrail.edges.filter(({ node }) => node.action === "contract.sign")).toMatchObject([signed]);
  });

  test("of a contract whose first day has not come makes it signed", async () => {
    const id = await contract({ startsOn: "2099-01-01", endsOn: null });
    await decideContract(admin, id);
    expect(await read(id, "status")).toEqual({ status: "SIGNED" });
  });

  test("that refuses, or is canceled, makes the version a draft again, with the reason", async () => {
    const id = await contract();
    await decideContract(admin, id, "refuse", "Too expensive");
    const draft = { number: 1, status: "DRAFT", reason: "Too expensive" };
    expect(await admin.run(one, { id })).toMatchObject({ contract: { status: "DRAFT", draft } });
    await admin.run(update, { input: { id, amount: { amount: 900_000, currency: "EUR" } } });
    const { submitContract } = await admin.run<{ submitContract: { contract: { draft: { workflow: { id: string } } } } }>(submit, { id });
    await admin.run('mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, comment: "Wrong vendor" }) { instance { status } } }', {
      id: submitContract.contract.draft.workflow.id,
    });
    expect(await admin.run(one, { id })).toMatchObject({ contract: { status: "DRAFT", draft: { ...draft, reason: "Wrong vendor" } } });
    await decideContract(admin, id, "drop");
    expect(await admin.run(one, { id })).toMatchObject({ contract: { draft: { ...draft, reason: "" } } });
  });

  test("needs a published definition", async () => {
    const tenant = await weft.tenant();
    const id = await newContract(tenant.admin, { vendorId: (await tenant.vendor()).id });
    const error = await tenant.admin.refused(submit, { id });
    expect(error.extensions?.["problems"]).toEqual([
      { path: "input.id", message: expect.stringContaining('"contract-approval"') as string },
    ]);
  });
});

describe("a signed version", () => {
  test("has a hash that everybody can verify, and never changes", async () => {
    const id = await contract();
    await decideContract(admin, id);
    const fields = "signedVersion { hash hashedText isHashValid documents { name sha256 } }";
    const { signedVersion } = (await read(id, fields)) as { signedVersion: { hash: string; hashedText: string; isHashValid: boolean } };
    expect(signedVersion.isHashValid).toBe(true);
    expect(createHash("sha256").update(signedVersion.hashedText).digest("hex")).toBe(signedVersion.hash);
    const uuid = decodeId("contract", id);
    const tamper = () =>
      sql`update vendors.contract_versions set content = jsonb_set(content, '{title}', '"Other"') where contract_id = ${uuid}`;
    await expect(tamper()).rejects.toThrow("is signed and cannot be changed");
    // Even someone who owns the database cannot change it unnoticed.
    await sql.begin(async (tx) => {
      await tx`alter table vendors.contract_versions disable trigger signed_version_kept`;
      await tx`update vendors.contract_versions set content = jsonb_set(content, '{title}', '"Other"') where contract_id = ${uuid}`;
      await tx`alter table vendors.contract_versions enable trigger signed_version_kept`;
    });
    expect(await read(id, "signedVersion { isHashValid }")).toEqual({ signedVersion: { isHashValid: false } });
  });

  test("is amended by a new version, which says what it changes", async () => {
    const id = await contract({ title: "Cleaning" });
    expect(await admin.refusal(createVersion, { id })).toBe("CONFLICT");
    await decideContract(admin, id);
    expect(await admin.refusal(update, { input: { id, title: "More" } })).toBe("CONFLICT");
    expect(await admin.run(createVersion, { id })).toMatchObject({
      createContractVersion: { contract: { status: "ACTIVE", draft: { number: 2, title: "Cleaning" } } },
    });
    expect(await admin.refusal(createVersion, { id })).toBe("CONFLICT");
    await admin.run(update, { input: { id, title: "More", amount: { amount: 1_500_000, currency: "EUR" } } });
    expect(await read(id, "title draft { title changesSince { path before after } }")).toEqual({
      title: "Cleaning",
      draft: {
        title: "More",
        changesSince: [
          { path: "title", before: "Cleaning", after: "More" },
          { path: "amount.amount", before: 1_200_000, after: 1_500_000 },
        ],
      },
    });
    await decideContract(admin, id);
    expect(await read(id, "title status signedVersion { number } versions { number status }")).toEqual({
      title: "More",
      status: "ACTIVE",
      signedVersion: { number: 2 },
      versions: [
        { number: 2, status: "SIGNED" },
        { number: 1, status: "SIGNED" },
      ],
    });
    expect(
      await admin.refusal("query ($id: ID!) { contract(id: $id) { signedVersion { changesSince(number: 9) { path } } } }", { id }),
    ).toBe("BAD_USER_INPUT");
  });
});

describe("a vendor's user", () => {
  test("sees what the vendor has signed, without drafts and internal fields", async () => {
    const other = await acme.vendor("Other");
    const id = await contract({ title: "Seen", ownerNotes: "They are slow" });
    expect(await vendor.user.refusal(one, { id })).toBe("NOT_FOUND");
    await decideContract(admin, id);
    await admin.run(createVersion, { id });
    const seen = "title status vendor { name } versions { number terms } signedVersion { hash }";
    expect(await read(id, seen, vendor.user)).toMatchObject({
      title: "Seen",
      status: "ACTIVE",
      vendor: { name: "Bright" },
      versions: [{ number: 1, terms: "" }],
    });
    for (const hidden of ["ownerNotes", "draft { number }", "owner { id }", "signedVersion { workflow { id } }"])
      expect(await vendor.user.refusal(`query ($id: ID!) { contract(id: $id) { ${hidden} } }`, { id })).toBe("FORBIDDEN");
    const byOwner = "query ($id: ID!) { contracts(filter: { owner: { eq: $id } }) { totalCount } }";
    expect(await vendor.user.refusal(byOwner, { id: admin.id })).toBe("FORBIDDEN");
    expect(await vendor.user.refusal(update, { input: { id, title: "Mine" } })).toBe("FORBIDDEN");
    expect(await titles(vendor.user, { filter: { title: { eq: "Seen" } } })).toEqual(["Seen"]);
    expect(await titles(other.user)).toEqual([]);
    expect(await other.user.refusal(one, { id })).toBe("NOT_FOUND");
  });
});

describe("another tenant", () => {
  test("neither reads nor changes a contract", async () => {
    const id = await contract();
    const globex = await weft.tenant("Globex");
    for (const operation of [one, submit, remove, createVersion]) expect(await globex.admin.refusal(operation, { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id, title: "Mine" } })).toBe("NOT_FOUND");
    expect(await titles(globex.admin)).toEqual([]);
  });
});

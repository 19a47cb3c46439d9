import {
  aPlanningTenant,
  aProject,
  contractApproval,
  decideContract,
  newContract,
  newProjectCost,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
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
  acme = await aPlanningTenant(weft);
  ({ admin } = acme);
  vendor = await acme.vendor("Bright");
});
afterAll(async () => {
  await sql.end();
});

const record = "mutation ($input: RecordProjectCostInput!) { recordProjectCost(input: $input) { cost { id vendor { id } } } }";
const correct = `mutation ($input: CorrectProjectCostInput!) {
  correctProjectCost(input: $input) { cost { amount { amount } category note correctsId } project { actual { amount } } } }`;
const voided =
  "mutation ($input: VoidProjectCostInput!) { voidProjectCost(input: $input) { cost { isVoided voidReason } project { actual { amount } } } }";
const setBudget = "mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { budget { amount currency } } } }";
const money = "{ amount currency }";

async function budgeted(amount: number): Promise<string> {
  const id = await aProject(admin);
  await admin.run(setBudget, { input: { id, budget: { amount, currency: "EUR" } } });
  return id;
}

const read = async (id: string, fields: string, who = admin): Promise<unknown> =>
  (await who.run<{ project: unknown }>(`query ($id: ID!) { project(id: $id) { ${fields} } }`, { id })).project;

const input = (projectId: string, more: object = {}) => ({
  input: { projectId, amount: { amount: 100, currency: "EUR" }, spentOn: "2026-03-02", category: "OTHER", ...more },
});

describe("costs", () => {
  test("add up to the actual of the project, and lower what is left of its budget", async () => {
    const id = await budgeted(10_000);
    expect(await read(id, `actual ${money} budgetRemaining ${money}`)).toEqual({
      actual: { amount: 0, currency: "EUR" },
      budgetRemaining: { amount: 10_000, currency: "EUR" },
    });
    await newProjectCost(admin, id, 9_000);
    await newProjectCost(admin, id, 3_000, { spentOn: "2026-03-03", category: "LABOR", note: "Two days" });
    expect(
      await read(id, `actual ${money} budgetRemaining ${money} costs { totalCount edges { node { spentOn category note } } }`),
    ).toEqual({
      actual: { amount: 12_000, currency: "EUR" },
      budgetRemaining: { amount: -2_000, currency: "EUR" },
      costs: {
        totalCount: 2,
        edges: [
          { node: { spentOn: "2026-03-03", category: "LABOR", note: "Two days" } },
          { node: { spentOn: "2026-03-02", category: "MATERIAL", note: "" } },
        ],
      },
    });
  });

  test("of a project without a budget have the currency of the first one", async () => {
    const id = await aProject(admin);
    expect(await read(id, `actual ${money} budgetRemaining ${money}`)).toEqual({ actual: null, budgetRemaining: null });
    await newProjectCost(admin, id, 100);
    const error = await admin.refused(record, input(id, { amount: { amount: 1, currency: "USD" } }));
    expect(error.extensions).toMatchObject({
      problems: [{ path: "input.amount.currency", message: "The costs of the project are in EUR, not in USD. Convert the amount." }],
    });
    expect(await admin.refusal(setBudget, { input: { id, budget: { amount: 1, currency: "USD" } } })).toBe("BAD_USER_INPUT");
  });

  test("are positive amounts on a day, for known projects, vendors, and contracts", async () => {
    const id = await budgeted(1);
    const other = await weft.tenant();
    const foreign = (await other.vendor()).id;
    for (const [more, path] of [
      [{ amount: { amount: 0, currency: "EUR" } }, "input.amount.amount"],
      [{ spentOn: "yesterday" }, "input.spentOn"],
      [{ vendorId: foreign }, "input.vendorId"],
    ] as const) {
      const error = await admin.refused(record, input(id, more));
      expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
    }
  });

  test("are corrected by another cost, and the wrong one stays with the reason", async () => {
    const id = await budgeted(10_000);
    const wrong = await newProjectCost(admin, id, 1_000, { note: "Paint" });
    expect(
      await admin.run(correct, { input: { id: wrong, reason: "Typo", amount: { amount: 100, currency: "EUR" }, category: "SERVICE" } }),
    ).toEqual({
      correctProjectCost: {
        cost: { amount: { amount: 100 }, category: "SERVICE", note: "Paint", correctsId: wrong },
        project: { actual: { amount: 100 } },
      },
    });
    expect(await admin.refusal(correct, { input: { id: wrong, reason: "Again" } })).toBe("CONFLICT");
    expect(await read(id, "costs { totalCount }")).toEqual({ costs: { totalCount: 1 } });
    expect(await read(id, "costs(includeVoided: true) { edges { node { isVoided voidReason voidedBy { id } } } }")).toEqual({
      costs: {
        edges: [
          { node: { isVoided: false, voidReason: null, voidedBy: null } },
          { node: { isVoided: true, voidReason: "Typo", voidedBy: { id: admin.id } } },
        ],
      },
    });
  });

  test("that are voided do not count, and need a reason", async () => {
    const id = await budgeted(10_000);
    const cost = await newProjectCost(admin, id, 1_000);
    expect(await admin.refusal(voided, { input: { id: cost, reason: " " } })).toBe("BAD_USER_INPUT");
    expect(await admin.run(voided, { input: { id: cost, reason: "Booked twice" } })).toEqual({
      voidProjectCost: { cost: { isVoided: true, voidReason: "Booked twice" }, project: { actual: { amount: 0 } } },
    });
    expect(await admin.refusal(voided, { input: { id: cost, reason: "Again" } })).toBe("CONFLICT");
  });

  test("are voided once, of several at the same time", async () => {
    const cost = await newProjectCost(admin, await budgeted(1_000), 10);
    const answers = await Promise.all(Array.from({ length: 4 }, () => admin.send(voided, { input: { id: cost, reason: "Twice" } })));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  test("cost as many statements for the projects of a page as for one project", async () => {
    const tenant = await aPlanningTenant(weft);
    const query = `{ projects { edges { node { actual ${money} budgetRemaining ${money} costs(first: 3) { edges { node { note vendor { name } } } } } } } }`;
    const fill = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) await newProjectCost(tenant.admin, await aProject(tenant.admin), 100);
    };
    await fill(1);
    const one = await weft.statementCount(() => tenant.admin.run(query));
    await fill(3);
    expect(await weft.statementCount(() => tenant.admin.run(query))).toBe(one);
  });
});

describe("a contract", () => {
  test("says what was spent under it, and what is left, without a statement for each contract", { tags: "slow" }, async () => {
    const tenant = await aPlanningTenant(weft);
    await tenant.definition(contractApproval);
    const { id: vendorId } = await tenant.vendor("Bright");
    const projectId = await aProject(tenant.admin);
    const aContract = async (): Promise<string> => {
      const id = await newContract(tenant.admin, { vendorId, amount: { amount: 1_000, currency: "EUR" } });
      await decideContract(tenant.admin, id);
      return id;
    };
    const contractId = await aContract();
    await newProjectCost(tenant.admin, projectId, 300, { contractId });
    await newProjectCost(tenant.admin, projectId, 900, { contractId });
    const query = `{ contracts { edges { node { spend { spent ${money} remaining ${money} } } } } }`;
    expect(await tenant.admin.run(query)).toEqual({
      contracts: {
        edges: [{ node: { spend: { spent: { amount: 1_200, currency: "EUR" }, remaining: { amount: -200, currency: "EUR" } } } }],
      },
    });
    const one = await weft.statementCount(() => tenant.admin.run(query));
    await aContract();
    await aContract();
    expect(await weft.statementCount(() => tenant.admin.run(query))).toBe(one);
  });

  test("names the vendor of its costs, and refuses another vendor or currency", async () => {
    const id = await budgeted(1_000);
    const contractId = await newContract(admin, { vendorId: vendor.id });
    expect(await admin.run(record, input(id, { contractId }))).toMatchObject({
      recordProjectCost: { cost: { vendor: { id: vendor.id } } },
    });
    const other = await acme.vendor("Otis");
    expect((await admin.refused(record, input(id, { contractId, vendorId: other.id }))).extensions).toMatchObject({
      problems: [{ path: "input.contractId" }],
    });
    const dollars = await newContract(admin, { vendorId: vendor.id, amount: { amount: 1, currency: "USD" } });
    expect((await admin.refused(record, input(id, { contractId: dollars }))).extensions).toMatchObject({
      problems: [{ path: "input.amount.currency" }],
    });
  });
});

test("another tenant sees and changes no costs, and users of a vendor see no costs and no budget", async () => {
  const id = await budgeted(5_000);
  const cost = await newProjectCost(admin, id, 100);
  const globex = await aPlanningTenant(weft);
  expect(await globex.admin.refusal(record, input(id))).toBe("BAD_USER_INPUT");
  expect(await globex.admin.refusal(voided, { input: { id: cost, reason: "Mine" } })).toBe("NOT_FOUND");
  expect(await globex.admin.refusal(correct, { input: { id: cost, reason: "Mine" } })).toBe("NOT_FOUND");
  await admin.run("mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { project { id } } }", {
    input: { projectId: id, vendorId: vendor.id, role: "Paint" },
  });
  const seen = await vendor.user.send(
    `query ($id: ID!) { project(id: $id) { name budget ${money} actual ${money} budgetRemaining ${money} costs { totalCount } health { status } } }`,
    { id },
  );
  expect(seen.data).toEqual({
    project: { name: "Lobby", budget: null, actual: null, budgetRemaining: null, costs: null, health: null },
  });
  expect(seen.errors?.map(({ extensions }) => extensions?.code)).toEqual(Array.from({ length: 5 }, () => "FORBIDDEN"));
  expect(await vendor.user.refusal(record, input(id))).toBe("FORBIDDEN");
});

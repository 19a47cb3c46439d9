import { decodeId } from "@weft/shared/ids";
import {
  contractApproval,
  decideContract,
  newContract,
  newObligation,
  setClock,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let vendor: { readonly id: string; readonly user: TestUser };
let contractId: string;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
});
beforeEach(async () => {
  acme = await weft.tenant();
  ({ admin } = acme);
  vendor = await acme.vendor("Bright");
  contractId = await newContract(admin, { vendorId: vendor.id });
  await goTo("2026-03-02T08:00:00Z");
});

/** Sets the tenant's clock, and waits for what is due then. */
async function goTo(at: string): Promise<void> {
  await setClock(sql, acme, at);
  await weft.weft.worker.idle();
}

const add = "mutation ($input: AddContractObligationInput!) { addContractObligation(input: $input) { obligation { id } } }";
const update =
  "mutation ($input: UpdateContractObligationInput!) { updateContractObligation(input: $input) { obligation { title dueOn amount { amount currency } version } } }";
const complete =
  "mutation ($input: CompleteContractObligationInput!) { completeContractObligation(input: $input) { obligation { status dueOn completedFor completionNote version } } }";
const remove = "mutation ($input: VersionedIdInput!) { removeContractObligation(input: $input) { id } }";

async function read(fields = "status", who = admin): Promise<unknown> {
  const query = `query ($id: ID!) { contract(id: $id) { obligations { ${fields} } } }`;
  return (await who.run<{ contract: { obligations: unknown } }>(query, { id: contractId })).contract.obligations;
}

/** Types of the events of an obligation, with the days of reminders. */
async function eventsOf(id: string): Promise<string[]> {
  await weft.weft.worker.idle();
  const rows = await sql<{ type: string; days: string | null }[]>`
    select type, payload->>'days' as days from events.log
     where tenant_id = ${acme.id} and subject_id = ${decodeId("contractObligation", id)} order by id`;
  return rows.map(({ type, days }) => `${type.slice("contractObligation.".length)}${days === null ? "" : ` ${days}`}`);
}

test("the status of an obligation follows the day in the time zone of the organization", async () => {
  await admin.run(
    'mutation { updateConfiguration(input: { patch: { timeZone: "America/New_York" }, message: "Our time zone" }) { configuration { version } } }',
  );
  await newObligation(admin, { contractId, dueOn: "2026-06-30" });
  expect(await read()).toEqual([{ status: "OPEN" }]);
  await goTo("2026-06-30T04:00:05Z");
  expect(await read()).toEqual([{ status: "DUE" }]);
  await goTo("2026-07-01T04:00:05Z");
  expect(await read()).toEqual([{ status: "OVERDUE" }]);
});

test("a completed obligation is done, and one that recurs is due on its next day", async () => {
  const once = await newObligation(admin, { contractId });
  const monthly = await newObligation(admin, { contractId, dueOn: "2026-03-31", recurrence: "MONTHLY" });
  expect(await admin.run(complete, { input: { id: once, note: " Received " } })).toEqual({
    completeContractObligation: {
      obligation: { status: "DONE", dueOn: "2026-06-30", completedFor: "2026-06-30", completionNote: "Received", version: 2 },
    },
  });
  expect((await admin.refused(complete, { input: { id: once } })).extensions).toMatchObject({ code: "CONFLICT", currentState: "DONE" });
  expect(await admin.refusal(update, { input: { id: once, title: "T" } })).toBe("CONFLICT");
  for (const dueOn of ["2026-04-30", "2026-05-31"])
    expect(await admin.run(complete, { input: { id: monthly } })).toMatchObject({
      completeContractObligation: { obligation: { status: "OPEN", dueOn } },
    });
  await admin.run(update, { input: { id: monthly, dueOn: "2026-06-15" } });
  expect(await admin.run(complete, { input: { id: monthly } })).toMatchObject({
    completeContractObligation: { obligation: { dueOn: "2026-07-15", completedFor: "2026-06-15" } },
  });
  expect((await eventsOf(once)).filter((type) => !type.startsWith("due"))).toEqual(["created", "completed"]);
});

test(
  "the owner of the contract is reminded once per threshold, of each occurrence, until the contract is over",
  { tags: "slow" },
  async () => {
    await acme.definition(contractApproval);
    const owner = await acme.user("workflow_manager");
    contractId = await newContract(admin, { vendorId: vendor.id, ownerId: owner.id, reminderDays: [] });
    await decideContract(admin, contractId);
    const id = await newObligation(admin, { contractId, recurrence: "QUARTERLY", reminderDays: [7, 1] });
    await goTo("2026-06-22T08:00:00Z");
    expect(await eventsOf(id)).toEqual(["created"]);
    for (const day of ["2026-06-23", "2026-06-25", "2026-06-29", "2026-06-30"]) await goTo(`${day}T08:00:00Z`);
    expect(await eventsOf(id)).toEqual(["created", "due 7", "due 1"]);
    await admin.run(complete, { input: { id } });
    await goTo("2026-09-23T08:00:00Z");
    expect((await eventsOf(id)).slice(3)).toEqual(["completed", "due 7"]);
    const query =
      "{ notifications(filter: { kind: { eq: CONTRACT_OBLIGATION_DUE } }, first: 1) { totalCount edges { node { title subject { id } } } } }";
    expect(await owner.run(query)).toEqual({
      notifications: { totalCount: 3, edges: [{ node: { title: "Due on 2026-09-30: Report (C-2)", subject: { id: contractId } } }] },
    });
    await admin.run('mutation ($id: ID!) { terminateContract(input: { id: $id, reason: "Moved" }) { contract { status } } }', {
      id: contractId,
    });
    await goTo("2026-09-29T08:00:00Z");
    expect((await eventsOf(id)).slice(3)).toEqual(["completed", "due 7"]);
  },
);

test("an obligation is changed and removed in the version that was read", async () => {
  const id = await newObligation(admin, { contractId, amount: { amount: 5000, currency: "EUR" } });
  expect(await admin.run(update, { input: { id, title: " Pay ", amount: null, expectedVersion: 1 } })).toEqual({
    updateContractObligation: { obligation: { title: "Pay", dueOn: "2026-06-30", amount: null, version: 2 } },
  });
  for (const [mutation, more] of [
    [update, { title: "T" }],
    [complete, {}],
    [remove, {}],
  ] as const)
    expect((await admin.refused(mutation, { input: { id, expectedVersion: 1, ...more } })).extensions).toMatchObject({
      code: "CONFLICT",
      currentVersion: 2,
    });
  await admin.run(remove, { input: { id, expectedVersion: 2 } });
  expect(await read()).toEqual([]);
  expect(await admin.refusal(complete, { input: { id } })).toBe("NOT_FOUND");
});

test("of concurrent completions with the same version, one counts", async () => {
  const id = await newObligation(admin, { contractId, recurrence: "MONTHLY" });
  const results = await Promise.all([1, 2, 3].map(() => admin.send(complete, { input: { id, expectedVersion: 1 } })));
  expect(results.map(({ errors }) => errors?.[0]?.extensions?.code ?? "OK").toSorted()).toEqual(["CONFLICT", "CONFLICT", "OK"]);
  expect(await read("dueOn")).toEqual([{ dueOn: "2026-07-30" }]);
});

test("what does not describe an obligation is refused, with the place", async () => {
  const input = { contractId, title: "T", party: "US", dueOn: "2026-06-30" };
  for (const [wrong, path] of [
    [{ title: " " }, "input.title"],
    [{ dueOn: "30.6.2026" }, "input.dueOn"],
    [{ amount: { amount: -1, currency: "EUR" } }, "input.amount.amount"],
    [{ reminderDays: [366] }, "input.reminderDays"],
  ] as const)
    expect((await admin.refused(add, { input: { ...input, ...wrong } })).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path }],
    });
});

test("users of the vendor see no obligations, and users who cannot change contracts change none", async () => {
  await acme.definition(contractApproval);
  await decideContract(admin, contractId);
  const id = await newObligation(admin, { contractId });
  expect(await vendor.user.refusal("query ($id: ID!) { contract(id: $id) { obligations { title } } }", { id: contractId })).toBe(
    "FORBIDDEN",
  );
  const viewer = await acme.user("viewer");
  expect(await read("status", viewer)).toEqual([{ status: "OPEN" }]);
  for (const user of [vendor.user, viewer]) {
    expect(await user.refusal(complete, { input: { id } })).toBe("FORBIDDEN");
    expect(await user.refusal(add, { input: { contractId, title: "T", party: "US", dueOn: "2026-06-30" } })).toBe("FORBIDDEN");
  }
});

test("another tenant adds and changes nothing", async () => {
  const id = await newObligation(admin, { contractId });
  const { admin: theirs } = await weft.tenant();
  expect(await theirs.refusal(add, { input: { contractId, title: "T", party: "US", dueOn: "2026-06-30" } })).toBe("NOT_FOUND");
  expect(await theirs.refusal(update, { input: { id, title: "T" } })).toBe("NOT_FOUND");
  expect(await theirs.refusal(complete, { input: { id } })).toBe("NOT_FOUND");
  expect(await theirs.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
});

test("a list of contracts reads all obligations in one statement", { tags: "slow" }, async () => {
  const query = "{ contracts { edges { node { obligations { status } } } } }";
  await newObligation(admin, { contractId });
  const one = await weft.statementCount(() => admin.run(query));
  for (let n = 0; n < 3; n++) await newObligation(admin, { contractId: await newContract(admin, { vendorId: vendor.id }) });
  expect(await weft.statementCount(() => admin.run(query))).toBe(one);
});

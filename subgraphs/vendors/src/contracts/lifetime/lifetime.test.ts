import { decodeId } from "@weft/shared/ids";
import {
  contractApproval,
  decideContract,
  newContract,
  setClock,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dueContracts } from "./due-contracts.js";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let vendorId: string;

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
  await acme.definition(contractApproval);
  vendorId = (await acme.vendor("Bright")).id;
  await goTo("2026-03-02T08:00:00Z");
});

/** Sets the tenant's clock, and waits for what is due then. */
async function goTo(at: string): Promise<void> {
  await setClock(sql, acme, at);
  await weft.weft.worker.idle();
}

/** Creates and signs a contract for 2026. */
async function signed(input: object = {}): Promise<string> {
  const id = await newContract(admin, { vendorId, startsOn: "2026-01-01", endsOn: "2026-12-31", ...input });
  await decideContract(admin, id);
  await weft.weft.worker.idle();
  return id;
}

async function read(id: string, fields = "status"): Promise<Record<string, unknown>> {
  const found = await admin.run<{ contract: Record<string, unknown> }>(`query ($id: ID!) { contract(id: $id) { ${fields} } }`, { id });
  return found.contract;
}

/** Events of a contract after its signature, with the days of reminders. */
async function eventsOf(id: string): Promise<string[]> {
  await weft.weft.worker.idle();
  const rows = await sql<{ type: string; days: string | null }[]>`
    select type, payload->>'days' as days from events.log
     where tenant_id = ${acme.id} and subject_id = ${decodeId("contract", id)} order by subject_version, id`;
  const types = rows.map(({ type, days }) => (days === null ? type : `${type} ${days}`));
  return types.slice(types.indexOf("contract.signed") + 1);
}

const renew = "mutation ($input: RenewContractInput!) { renewContract(input: $input) { contract { draft { number startsOn endsOn } } } }";
const terminate = "mutation ($input: TerminateContractInput!) { terminateContract(input: $input) { contract { status terminatesOn } } }";

test(
  "a contract begins on its first day, and expires after its last one, in the time zone of the organization",
  { tags: "slow" },
  async () => {
    await admin.run(
      'mutation { updateConfiguration(input: { patch: { timeZone: "America/New_York" }, message: "Our time zone" }) { configuration { version } } }',
    );
    const id = await signed({ startsOn: "2026-04-01", endsOn: "2026-06-30", reminderDays: [] });
    expect(await read(id)).toEqual({ status: "SIGNED" });
    await goTo("2026-04-01T03:59:00Z");
    expect(await read(id)).toEqual({ status: "SIGNED" });
    await goTo("2026-04-01T04:00:10Z");
    expect(await read(id)).toEqual({ status: "ACTIVE" });
    await goTo("2026-07-01T03:59:00Z");
    expect(await read(id)).toEqual({ status: "ACTIVE" });
    await goTo("2026-07-01T04:00:10Z");
    expect(await read(id)).toEqual({ status: "EXPIRED" });
    expect(await eventsOf(id)).toEqual(["contract.activated", "contract.expired"]);
  },
);

test("its owner is reminded once per threshold", { tags: "slow" }, async () => {
  const owner = await acme.user("workflow_manager");
  const id = await signed({ ownerId: owner.id, noticeDays: 30, reminderDays: [60, 7] });
  await goTo("2026-10-01T08:00:00Z");
  expect(await eventsOf(id)).toEqual([]);
  await goTo("2026-10-02T08:00:00Z");
  await goTo("2026-10-20T08:00:00Z");
  expect(await eventsOf(id)).toEqual(["contract.expiring 60"]);
  await admin.run("mutation ($id: ID!) { updateContract(input: { id: $id, reminderDays: [60, 50, 7] }) { contract { reminderDays } } }", {
    id,
  });
  expect((await eventsOf(id)).at(-1)).toBe("contract.expiring 50");
  await goTo("2026-11-30T08:00:00Z");
  await goTo("2026-12-01T08:00:00Z");
  expect((await eventsOf(id)).filter((type) => type.startsWith("contract.expiring"))).toEqual([
    "contract.expiring 60",
    "contract.expiring 50",
    "contract.expiring 7",
  ]);
  const { notifications } = await owner.run<{ notifications: { edges: { node: object }[] } }>(
    "{ notifications(filter: { kind: { eq: CONTRACT_EXPIRING } }) { edges { node { title subject { id } } } } }",
  );
  expect(notifications.edges).toHaveLength(3);
  expect(notifications.edges[0]).toEqual({ node: { title: "Give notice or renew by 2026-12-01: C-1, Cleaning", subject: { id } } });
});

test("several workers at the same time take each step once", async () => {
  const ids = [await signed({ startsOn: "2026-05-01" }), await signed({ startsOn: "2026-05-01" })];
  const { databases, pubsub, keyring, log } = weft.weft.services;
  const sources = Array.from({ length: 4 }, () => dueContracts({ databases, pubsub, keyring, log }));
  await sql`update identity.tenants set clock_offset_ms = clock_offset_ms + 70 * 86400000::bigint where tenant_id = ${acme.id}`;
  await Promise.all(sources.map((source) => source.run(acme.id, 10, new AbortController().signal)));
  for (const id of ids) expect(await eventsOf(id)).toEqual(["contract.activated"]);
});

test("an automatic renewal signs a version with a new last day, and moves the draft behind it", async () => {
  const id = await signed({ renewal: "AUTOMATIC", renewalMonths: 6, reminderDays: [] });
  await admin.run("mutation ($id: ID!) { createContractVersion(input: { id: $id }) { contract { version } } }", { id });
  await goTo("2027-01-01T08:00:00Z");
  expect(
    await read(
      id,
      "status endsOn signedVersion { number endsOn isHashValid changesSince(number: 1) { path before after } } draft { number }",
    ),
  ).toEqual({
    status: "ACTIVE",
    endsOn: "2027-06-30",
    signedVersion: {
      number: 2,
      endsOn: "2027-06-30",
      isHashValid: true,
      changesSince: [{ path: "endsOn", before: "2026-12-31", after: "2027-06-30" }],
    },
    draft: { number: 3 },
  });
  expect(await eventsOf(id)).toEqual(["contract.version_created", "contract.renewed"]);
  await decideContract(admin, id);
  expect(await read(id, "signedVersion { number }")).toEqual({ signedVersion: { number: 3 } });
});

test("a renewal is a draft with a later last day, which takes effect when it is signed, even if the contract has expired", async () => {
  const id = await signed({ reminderDays: [] });
  expect(await admin.refusal(renew, { input: { id, endsOn: "2026-12-31" } })).toBe("BAD_USER_INPUT");
  await goTo("2027-01-02T08:00:00Z");
  expect(await read(id)).toEqual({ status: "EXPIRED" });
  expect(await admin.run(renew, { input: { id, startsOn: "2027-01-01", endsOn: "2027-12-31" } })).toEqual({
    renewContract: { contract: { draft: { number: 2, startsOn: "2027-01-01", endsOn: "2027-12-31" } } },
  });
  await decideContract(admin, id);
  await weft.weft.worker.idle();
  expect(await read(id, "status endsOn")).toEqual({ status: "ACTIVE", endsOn: "2027-12-31" });
});

test("a termination ends a contract today, or on its day, and nothing continues it", { tags: "slow" }, async () => {
  const [now, later] = [await signed(), await signed({ renewal: "AUTOMATIC", renewalMonths: 12 })];
  const draft = await newContract(admin, { vendorId });
  expect(await admin.refusal(terminate, { input: { id: draft, reason: "Too late" } })).toBe("CONFLICT");
  expect(await admin.refusal(terminate, { input: { id: now, reason: " " } })).toBe("BAD_USER_INPUT");
  expect(await admin.run(terminate, { input: { id: now, reason: "They are insolvent" } })).toEqual({
    terminateContract: { contract: { status: "TERMINATED", terminatesOn: "2026-03-02" } },
  });
  expect(await admin.run(terminate, { input: { id: later, reason: "Moved", on: "2026-04-01" } })).toEqual({
    terminateContract: { contract: { status: "ACTIVE", terminatesOn: "2026-04-01" } },
  });
  await goTo("2026-04-01T00:00:10Z");
  expect(await read(later, "status terminationReason")).toEqual({ status: "TERMINATED", terminationReason: "Moved" });
  for (const id of [now, later]) expect((await eventsOf(id)).at(-1)).toBe("contract.terminated");
  expect(await admin.refusal(renew, { input: { id: later, endsOn: "2030-01-01" } })).toBe("CONFLICT");
  await goTo("2027-02-01T08:00:00Z");
  expect(await read(later)).toEqual({ status: "TERMINATED" });
});

test("another tenant neither renews nor terminates a contract", async () => {
  const id = await signed();
  const globex = await weft.tenant("Globex");
  expect(await globex.admin.refusal(renew, { input: { id, endsOn: "2030-01-01" } })).toBe("NOT_FOUND");
  expect(await globex.admin.refusal(terminate, { input: { id, reason: "Mine" } })).toBe("NOT_FOUND");
});

import { decodeId } from "@weft/shared/ids";
import {
  acceptVendorDocument,
  advanceClock,
  newVendorDocument,
  requireVendorDocuments,
  setClock,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dueDocuments } from "./due-documents.js";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let vendor: { readonly id: string; readonly user: TestUser };

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
  await goTo("2026-03-02T08:00:00Z");
});

/** Sets the tenant's clock, and waits for what is due then. */
async function goTo(at: string): Promise<void> {
  await setClock(sql, acme, at);
  await weft.weft.worker.idle();
}

async function accepted(input: object = {}): Promise<string> {
  const id = await newVendorDocument(admin, { vendorId: vendor.id, validUntil: "2026-06-30", ...input });
  await acceptVendorDocument(admin, id);
  await weft.weft.worker.idle();
  return id;
}

/** Reminders of a document, as the days of each, and its expiry. */
async function announced(id: string): Promise<string[]> {
  const rows = await sql<{ type: string; days: string | null }[]>`
    select type, payload->>'days' as days from events.log
     where tenant_id = ${acme.id} and subject_id = ${decodeId("vendorDocument", id)} and type in ('vendorDocument.expiring', 'vendorDocument.expired') order by id`;
  return rows.map(({ type, days }) => days ?? type);
}

test(
  "users who decide on vendors and the vendor's users are reminded once per threshold, and the expiry is announced once",
  { tags: "slow" },
  async () => {
    await requireVendorDocuments(admin, [{ kind: "INSURANCE", reminderDays: [14, 1] }]);
    const id = await accepted();
    await goTo("2026-06-15T08:00:00Z");
    expect(await announced(id)).toEqual([]);
    await goTo("2026-06-16T00:00:05Z");
    await advanceClock(weft, acme, { days: 1 });
    expect(await announced(id)).toEqual(["14"]);
    await goTo("2026-06-29T08:00:00Z");
    await goTo("2026-07-01T00:00:05Z");
    await advanceClock(weft, acme, { days: 10 });
    expect(await announced(id)).toEqual(["14", "1", "vendorDocument.expired"]);
    const query = "{ notifications(filter: { kind: { eq: VENDOR_DOCUMENT_EXPIRING } }) { edges { node { title subject { id } } } } }";
    for (const user of [admin, vendor.user])
      expect(await user.run(query)).toEqual({
        notifications: {
          edges: Array.from({ length: 2 }, () => ({
            node: { title: "INSURANCE of Bright is valid until 2026-06-30: Liability insurance", subject: { id } },
          })),
        },
      });
  },
);

test(
  "a document of a kind that is not required reminds 30, 7 and 1 day before, and one with a successor does not",
  { tags: "slow" },
  async () => {
    const [id, replaced] = [await accepted({ kind: "ISO_9001" }), await accepted({ kind: "TAX" })];
    await accepted({ kind: "TAX", validUntil: null });
    for (const day of ["05-31", "06-23", "06-29"]) await goTo(`2026-${day}T08:00:00Z`);
    expect(await announced(id)).toEqual(["30", "7", "1"]);
    expect(await announced(replaced)).toEqual([]);
  },
);

test("a new requirement changes the thresholds of documents that were accepted before", async () => {
  const id = await accepted();
  await goTo("2026-04-15T08:00:00Z");
  await requireVendorDocuments(admin, [{ kind: "INSURANCE", reminderDays: [90] }]);
  await weft.weft.worker.idle();
  expect(await announced(id)).toEqual(["90"]);
});

test("several workers at the same time remind once", async () => {
  const ids = [await accepted(), await accepted({ kind: "TAX" })];
  const { databases, pubsub, keyring, log } = weft.weft.services;
  const sources = Array.from({ length: 4 }, () => dueDocuments({ databases, pubsub, keyring, log }));
  await sql`update identity.tenants set clock_offset_ms = clock_offset_ms + 95 * 86400000::bigint where tenant_id = ${acme.id}`;
  await Promise.all(sources.map((source) => source.run(acme.id, 10, new AbortController().signal)));
  for (const id of ids) expect(await announced(id)).toEqual(["30"]);
});

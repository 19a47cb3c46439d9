import { randomBytes } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { seedFullTenant } from "@weft/drizzle/full-tenant.fixture";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oneMasterKey } from "../secrets/master-keys.js";
import { tenantSecrets } from "../secrets/tenant-secrets.js";
import { erasePerson } from "./erase-person.js";

let bare: BareDatabase;
const secrets = tenantSecrets(oneMasterKey(randomBytes(32)));
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

let tenants = 700;

/** A tenant with a row in every table, and a notification that names somebody. */
async function aTenant(): Promise<{ readonly tenantId: string; readonly personId: string; readonly otherId: string }> {
  const {
    tenant: tenantId,
    staff: personId,
    vendorUser: otherId,
  } = await bare.owner.begin((sql) => seedFullTenant(sql as never, tenants++));
  // Keys of another installation.
  await bare.owner`delete from app.person_keys where tenant_id = ${tenantId}`;
  await bare.owner`delete from app.tenant_keys where tenant_id = ${tenantId}`;
  await bare.owner`update identity.users set name = 'Pia Person', email = 'pia@example.com' where tenant_id = ${tenantId} and id = ${personId}`;
  await bare.owner`update audit.notifications set title = 'Pia Person <pia@example.com>' where tenant_id = ${tenantId}`;
  await bare.owner`insert into identity.privacy_requests
    (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, decided_by, decided_at, due_at)
    values (${tenantId}, ${newId()}, 'ERASE', 'user', ${personId}, 'APPROVED', 'R', ${newId()}, ${newId()}, ${newId()}, now(), now())`;
  return { tenantId, personId, otherId };
}

/** Erases the person. Returns the number of values that others have, and the titles of notifications. */
async function erased({
  tenantId,
  personId,
}: {
  readonly tenantId: string;
  readonly personId: string;
}): Promise<readonly [number, string]> {
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  const { sharedValues } = await erasePerson(parts, { tenantId, personId, kind: "ERASE", table: "identity.users" });
  const [row] = await bare.owner<{ title: string }[]>`select distinct title from audit.notifications where tenant_id = ${tenantId}`;
  return [sharedValues ?? 0, row?.title ?? ""];
}

test("copies of a name and an address that nobody else has are replaced", async () => {
  expect(await erased(await aTenant())).toEqual([0, "[erased] <[erased]>"]);
});

test("a name that another user has stays where others are named, and the receipt counts it", async () => {
  const tenant = await aTenant();
  await bare.owner`update identity.users set name = 'PIA PERSON' where tenant_id = ${tenant.tenantId} and id = ${tenant.otherId}`;
  expect(await erased(tenant)).toEqual([1, "Pia Person <[erased]>"]);
});

test.each(["vendors.vendors", "vendors.vendor_contacts"])("an address that a row of %s has, too, stays", async (table) => {
  const tenant = await aTenant();
  await bare.owner.unsafe(`update ${table} set email = 'pia@example.com'
    where tenant_id = '${tenant.tenantId}' and id = (select id from ${table} where tenant_id = '${tenant.tenantId}' limit 1)`);
  expect(await erased(tenant)).toEqual([1, "[erased] <pia@example.com>"]);
});

test("names and addresses of a service user stay, because they are the organization's", async () => {
  const tenant = await aTenant();
  await bare.owner`update identity.users set type = 'SERVICE', password_hash = null where tenant_id = ${tenant.tenantId} and id = ${tenant.personId}`;
  expect((await erased(tenant))[1]).toBe("Pia Person <pia@example.com>");
});

import { randomBytes } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { seedFullTenant } from "@weft/drizzle/full-tenant.fixture";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import { oneMasterKey } from "../secrets/master-keys.js";
import { tenantSecrets } from "../secrets/tenant-secrets.js";
import { erasePerson } from "./erase-person.js";
import { isHeld } from "./erase-rows.store.js";
import { findFilesToErase } from "./person-files.store.js";

let bare: BareDatabase;
let tenantId: string;
/** A file that is attached to the instance of the request and to one of its tasks. */
let fileId: string;
let uploaderId: string;
let requestId: string;

beforeAll(async () => {
  bare = await openBareDatabase();
  tenantId = (await bare.owner.begin((sql) => seedFullTenant(sql as never, 800))).tenant;
  // Documents of the organization and reports stay anyway.
  await bare.owner`delete from app.attachments where tenant_id = ${tenantId} and object_type not in ('instance', 'task')`;
  await bare.owner`delete from audit.compliance_report_files where tenant_id = ${tenantId}`;
  const [row] = await bare.owner<{ fileId: string; requestId: string }[]>`
    select a.file_id as "fileId", r.id as "requestId" from requests.requests r
      join app.attachments a on a.tenant_id = r.tenant_id and a.object_type = 'instance' and a.object_id = r.instance_id
     where r.tenant_id = ${tenantId} limit 1`;
  if (!row) throw new Error("The fixture has no file at the instance of a request.");
  uploaderId = newId();
  ({ fileId, requestId } = row);
  await bare.owner.begin(async (owner) => {
    // Of a person who has done nothing else.
    await owner`set local session_replication_role = replica`;
    await owner`update app.files set created_by = ${uploaderId} where tenant_id = ${tenantId} and id = ${fileId}`;
    await owner`delete from app.exports where tenant_id = ${tenantId}`;
  });
  await bare.owner`insert into identity.legal_holds (tenant_id, id, object_type, object_id, reason, created_by)
    values (${tenantId}, ${newId()}, 'request', ${requestId}, 'Case 8', ${newId()})`;
});
afterAll(() => bare.close());

const heldOf = (personId: string): Promise<boolean> => asTenant(bare.databases.app, { tenantId }, "write", (tx) => isHeld(tx, personId));
const filesOf = (personId: string): Promise<string[]> =>
  asTenant(bare.databases.app, { tenantId }, "write", (tx) => findFilesToErase(tx, { kind: "ERASE", personId }, 100));

test("a legal hold on a request covers a user who has uploaded a file of its instance, and no other", async () => {
  expect([await heldOf(uploaderId), await heldOf(newId())]).toEqual([true, false]);
});

test.each(["offered_by", "answered_by"])("a legal hold on a request covers whoever is in %s of its offers to vendors", async (column) => {
  const personId = newId();
  await bare.owner.begin(async (owner) => {
    await owner`set local session_replication_role = replica`;
    await owner.unsafe(`update requests.vendor_offers set request_id = '${requestId}', ${column} = '${personId}'
      where tenant_id = '${tenantId}' and id = (select id from requests.vendor_offers where tenant_id = '${tenantId}' order by id limit 1)`);
  });
  expect(await heldOf(personId)).toBe(true);
});

test("a legal hold on a request covers whoever has attached a file of somebody else to one of its tasks", async () => {
  const personId = newId();
  await bare.owner.begin(async (owner) => {
    await owner`set local session_replication_role = replica`;
    await owner`update app.attachments a set created_by = ${personId} from workflows.tasks t, requests.requests r
      where a.tenant_id = ${tenantId} and t.tenant_id = a.tenant_id and t.id = a.object_id and a.object_type = 'task'
        and r.tenant_id = a.tenant_id and r.id = ${requestId} and t.instance_id = r.instance_id`;
  });
  expect(await heldOf(personId)).toBe(true);
});

test("a person who has not worked on a request is erased while a legal hold on it is open: the eraser can see what it covers", async () => {
  const [contact] = await bare.owner<{ id: string }[]>`select id from vendors.vendor_contacts where tenant_id = ${tenantId} limit 1`;
  const personId = contact?.id ?? "";
  await bare.owner`insert into identity.privacy_requests
    (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, decided_by, decided_at, due_at)
    values (${tenantId}, ${newId()}, 'ERASE', 'vendorContact', ${personId}, 'APPROVED', 'R', ${newId()}, ${newId()}, ${newId()}, now(), now())`;
  await bare.owner`delete from app.person_keys where tenant_id = ${tenantId}`;
  await bare.owner`delete from app.tenant_keys where tenant_id = ${tenantId}`;
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets: tenantSecrets(oneMasterKey(randomBytes(32))) };
  const { rows } = await erasePerson(parts, { tenantId, personId, kind: "ERASE", table: "vendors.vendor_contacts" });
  expect(rows).toEqual({ "vendors.vendor_contacts": 1 });
});

test("files of a request are not deleted while a legal hold on it is open", async () => {
  expect(await filesOf(uploaderId)).not.toContain(fileId);
  await bare.owner`update identity.legal_holds set ended_at = now(), ended_by = ${newId()} where tenant_id = ${tenantId} and ended_at is null`;
  expect(await filesOf(uploaderId)).toContain(fileId);
});

import { randomBytes } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { seedFullTenant } from "@weft/drizzle/full-tenant.fixture";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { oneMasterKey } from "../secrets/master-keys.js";
import { tenantSecrets } from "../secrets/tenant-secrets.js";
import type { Tx } from "../db/database.js";
import { type ErasureState, erasePerson } from "./erase-person.js";
import { emptyReceipt } from "./receipt.js";

let bare: BareDatabase;
let tenants = 700;
let tenantId: string;
let personId: string;
let otherId: string;
let objects: Readonly<Record<"request" | "building", string>>;

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

beforeEach(async () => {
  const ids = await bare.owner.begin((sql) => seedFullTenant(sql as never, tenants++));
  [tenantId, personId, otherId] = [ids.tenant, ids.staff, ids.vendorUser];
  objects = { request: ids.given.request, building: ids.building };
  // Keys of another installation.
  await bare.owner`delete from app.person_keys where tenant_id = ${tenantId}`;
  await bare.owner`delete from app.tenant_keys where tenant_id = ${tenantId}`;
});

async function aFile(createdBy = personId): Promise<string> {
  const id = newId();
  await bare.owner`insert into app.files (tenant_id, id, name, size, type, sha256, status, created_by, stored_at, due_at)
    values (${tenantId}, ${id}, 'notes.txt', 1, 'text/plain', 'h', 'STORED', ${createdBy}, now(), now() + interval '1 day')`;
  return id;
}

async function attach(fileId: string, type: keyof typeof objects, sql = bare.owner): Promise<string> {
  const id = newId();
  await sql`insert into app.attachments (tenant_id, id, file_id, object_type, object_id, visibility, created_by)
    values (${tenantId}, ${id}, ${fileId}, ${type}, ${objects[type]}, 'INTERNAL', ${otherId})`;
  await sql`update app.files set is_attached = true, due_at = null where tenant_id = ${tenantId} and id = ${fileId}`;
  return id;
}

async function anExport(fileId: string, createdBy: string): Promise<void> {
  await bare.owner`insert into app.exports (tenant_id, id, list, format, columns, file_id, created_by, session_id, status, finished_at)
    values (${tenantId}, ${newId()}, 'REQUESTS', 'CSV', '{number}', ${fileId}, ${createdBy}, ${newId()}, 'COMPLETED', now())`;
}

async function aReport(fileId: string): Promise<void> {
  const id = newId();
  await bare.owner`insert into audit.compliance_reports
    (tenant_id, id, kind, formats, period_from, period_to, time_zone, parameters, status, created_by, session_id, finished_at, due_at)
    values (${tenantId}, ${id}, 'RETENTION', '{JSON}', now(), now() + interval '1 day', 'UTC', '{}', 'COMPLETED', ${personId}, ${newId()}, now(), now() + interval '1 day')`;
  await bare.owner`insert into audit.compliance_report_files (tenant_id, report_id, position, format, file_id) values (${tenantId}, ${id}, 0, 'JSON', ${fileId})`;
}

async function approve(kind: "ANONYMISE" | "ERASE"): Promise<void> {
  await bare.owner`insert into identity.privacy_requests
    (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, decided_by, decided_at, due_at)
    values (${tenantId}, ${newId()}, ${kind}, 'user', ${personId}, 'APPROVED', 'R', ${newId()}, ${newId()}, ${newId()}, now(), now())`;
}

async function erase(kind: "ANONYMISE" | "ERASE"): Promise<number> {
  await approve(kind);
  const secrets = tenantSecrets(oneMasterKey(randomBytes(32)));
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  return (await erasePerson(parts, { tenantId, personId, kind, table: "identity.users" })).files;
}

const fileOf = async (id: string): Promise<unknown> => {
  const [row] = await bare.owner`select name, status from app.files where tenant_id = ${tenantId} and id = ${id}`;
  return row;
};

describe.each(["ANONYMISE", "ERASE"] as const)("%s", (kind) => {
  test("deletes an export of a list by anybody, unless it is attached to an object", async () => {
    const [loose, attached] = [await aFile(otherId), await aFile(otherId)];
    await anExport(loose, otherId);
    await anExport(attached, otherId);
    await attach(attached, "request");
    await erase(kind);
    expect(await fileOf(loose)).toMatchObject({ status: "DELETED" });
    expect(await fileOf(attached)).toEqual({ name: "notes.txt", status: "STORED" });
  });

  test("deletes exports of the person's data", async () => {
    const file = await aFile(otherId);
    await bare.owner`insert into identity.privacy_requests
      (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, file_id, finished_at)
      values (${tenantId}, ${newId()}, 'EXPORT', 'user', ${personId}, 'COMPLETED', 'R', ${otherId}, ${newId()}, ${file}, now())`;
    await erase(kind);
    expect(await fileOf(file)).toMatchObject({ status: "DELETED" });
  });

  test("keeps a report, a file of a document, and an attached export of the person, with their names", async () => {
    const [report, plan, list] = [await aFile(), await aFile(), await aFile()];
    await aReport(report);
    await attach(plan, "building");
    await anExport(list, personId);
    await attach(list, "request");
    await erase(kind);
    for (const id of [report, plan, list]) expect(await fileOf(id)).toEqual({ name: "notes.txt", status: "STORED" });
  });
});

test("an export that begins at the end is deleted by the next attempt, which searches no copies again", async () => {
  await approve("ERASE");
  const late = await aFile(otherId);
  let isExported = false;
  let state: ErasureState = { receipt: emptyReceipt, progress: null };
  let values: readonly string[] = [];
  const record = async (_tx: Tx, now: ErasureState): Promise<void> => {
    // What is recorded twice is the end: nothing has changed, and the erasure looks for what is left.
    if (state === now && !isExported) await anExport(late, otherId);
    isExported ||= state === now;
    state = now;
  };
  const keepValues = (kept: readonly string[]): Promise<void> => {
    values = kept;
    return Promise.resolve();
  };
  const secrets = tenantSecrets(oneMasterKey(randomBytes(32)));
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  const person = { tenantId, personId, kind: "ERASE", table: "identity.users" } as const;
  await expect(erasePerson({ ...parts, record, keepValues }, person)).rejects.toThrow("Personal values are left in app.files.");
  expect(state.progress).toMatchObject({ step: "files", after: null, repeat: "ROWS" });
  await erasePerson({ ...parts, earlier: { ...state, values } }, person);
  expect(await fileOf(late)).toMatchObject({ status: "DELETED" });
});

test("an anonymization keeps what the person has uploaded", async () => {
  const file = await aFile();
  await attach(file, "request");
  await erase("ANONYMISE");
  expect(await fileOf(file)).toEqual({ name: "notes.txt", status: "STORED" });
});

test("a file of the person is detached as a user detaches it: with an audit entry and an event", async () => {
  const file = await aFile();
  const attachment = await attach(file, "request");
  expect(await erase("ERASE")).toBeGreaterThan(0);
  expect(await fileOf(file)).toMatchObject({ status: "DELETED" });
  const entries = await bare.owner`select action from audit.entries where tenant_id = ${tenantId} and entity_id = ${attachment}`;
  expect([...entries]).toEqual([{ action: "attachment.delete" }]);
  const events =
    await bare.owner`select type, related->>'request' as request from events.log where tenant_id = ${tenantId} and subject_id = ${attachment}`;
  expect([...events]).toEqual([{ type: "attachment.deleted", request: objects.request }]);
});

test("a file that becomes a document while the erasure waits for it stays", async () => {
  const file = await aFile();
  await attach(file, "request");
  // The erasure has replaced the name before, and waits for the row when it deletes the file.
  await bare.owner`update app.files set name = '[erased]' where tenant_id = ${tenantId} and id = ${file}`;
  let erasing: Promise<number> | undefined;
  await bare.owner.begin(async (tx) => {
    await tx`select from app.files where tenant_id = ${tenantId} and id = ${file} for update`;
    erasing = erase("ERASE");
    await untilLockIsAwaited();
    await attach(file, "building", tx as never);
  });
  await erasing;
  expect(await fileOf(file)).toMatchObject({ status: "STORED" });
  const attached =
    await bare.owner`select object_type from app.attachments where tenant_id = ${tenantId} and file_id = ${file} order by object_type`;
  expect([...attached]).toEqual([{ object_type: "building" }, { object_type: "request" }]);
});

async function untilLockIsAwaited(): Promise<void> {
  for (;;) {
    const [row] = await bare.owner<{ waits: boolean }[]>`select exists (select from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where not l.granted and l.locktype in ('transactionid', 'tuple') and a.datname = current_database()) as waits`;
    if (row?.waits === true) return;
  }
}

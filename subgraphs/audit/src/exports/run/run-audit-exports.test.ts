import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { publicCheckpointKeys } from "@weft/platform/audit";
import { verifyExport } from "@weft/platform/audit-exports";
import { decodeId } from "@weft/shared/ids";
import { fileKey, type FileStorage, openFileStorage } from "@weft/platform/files";
import { startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { begun, read } from "@weft/testkit/audit/audit-exports";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dueAuditExports } from "./due-audit-exports.js";

// The worker of the installation is stopped: the tests take the turns themselves, one page at a time.

const MANY = 6_400;
/** Entries with images of 100 kB that cannot be compressed. */
const LARGE = 60;

let weft: TestWeft;
let owner: postgres.Sql;
let acme: TestTenant;
let storage: FileStorage;
let sealed: number;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It stops the worker." });
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  acme = await weft.tenant();
  await owner`
    with written as (
      insert into audit.entries (tenant_id, id, action, entity_type, entity_id, after, actor_id, request_id)
      select ${acme.id}, gen_random_uuid(), case when n % 2000 = 7 then 'vendor.rare' else 'vendor.update' end, 'vendor', gen_random_uuid(),
             jsonb_build_object('n', n), ${decodeId("user", acme.admin.id)}, 'r' from generate_series(1, ${MANY}::int) n
      returning tenant_id, id)
    insert into audit.unsealed (tenant_id, entry_id) select tenant_id, id from written`;
  await owner`
    with written as (
      insert into audit.entries (tenant_id, id, action, entity_type, entity_id, after, actor_id, request_id)
      select ${acme.id}, gen_random_uuid(), 'vendor.large', 'vendor', gen_random_uuid(),
             jsonb_build_object('n', (select string_agg(md5(random()::text || g), '') from generate_series(1, 3200) g)),
             ${decodeId("user", acme.admin.id)}, 'r' from generate_series(1, ${LARGE}::int) n
      returning tenant_id, id)
    insert into audit.unsealed (tenant_id, entry_id) select tenant_id, id from written`;
  await weft.weft.worker.idle();
  await weft.weft.worker.stop();
  const [row] = await owner<{ last: number }[]>`select max(sequence)::int as last from audit.seals where tenant_id = ${acme.id}`;
  sealed = row?.last ?? 0;
  storage = await openFileStorage(weft.weft.services.config.files, weft.weft.services.log);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

/** Takes turns that end after a page, with a storage. */
const turnsOn = (on: FileStorage) => {
  const exports = dueAuditExports({ services: weft.weft.services, storage: on });
  return () => exports.run(acme.id, 1, AbortSignal.abort());
};

const makeDue = (id: string) =>
  owner`update audit.exports set due_at = now() where id = ${decodeId("auditExport", id)} and due_at is not null`;

async function verifiedFile(id: string) {
  const [row] = await owner<{ id: string; attempt: number; proof: string }[]>`
    select f.id, f.attempt, e.proof from audit.exports e join app.files f on f.tenant_id = e.tenant_id and f.id = e.file_id
     where e.id = ${decodeId("auditExport", id)}`;
  if (!row) throw new Error("The export has no file.");
  const stream = await storage.read(fileKey({ tenantId: acme.id, id: row.id, attempt: row.attempt }));
  const content = stream ? await text(stream) : "";
  async function* open(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(content);
  }
  return verifyExport({ open, proof: row.proof, keys: publicCheckpointKeys(weft.weft.services.keys.checkpoint) });
}

test("an export continues in turns, and its parts are one file that verifies", { tags: "slow" }, async () => {
  const { id } = await begun(acme.admin, { format: "CSV" });
  const turn = turnsOn(storage);
  const seen: number[] = [];
  while ((await turn()) > 0) seen.push((await read(acme.admin, id)).rowCount);
  expect(seen.slice(0, 3)).toEqual([200, 400, 600]);
  expect(await read(acme.admin, id)).toMatchObject({ status: "COMPLETED", rowCount: sealed });
  expect(await verifiedFile(id)).toMatchObject({ isValid: true, verifiedEntries: sealed, proof: { isWhole: true, entries: sealed } });
});

test("rare entries are looked for in parts of the chain", { tags: "slow" }, async () => {
  const { id } = await begun(acme.admin, { filter: { action: { eq: "vendor.rare" } } });
  const turn = turnsOn(storage);
  const seen: number[] = [];
  while ((await turn()) > 0) seen.push((await read(acme.admin, id)).sequence);
  expect(seen).toEqual([5_000, sealed]);
  expect(await read(acme.admin, id)).toMatchObject({ status: "COMPLETED", rowCount: 4 });
  expect(await verifiedFile(id)).toMatchObject({ isValid: true, verifiedEntries: 4 });
});

test("fewer entries are in memory at once when they are large, and none is left out", { tags: "slow" }, async () => {
  const { id } = await begun(acme.admin, { filter: { action: { eq: "vendor.large" } } });
  const turn = turnsOn(storage);
  const seen: number[] = [];
  while ((await turn()) > 0) seen.push((await read(acme.admin, id)).rowCount);
  const steps = seen.map((count, at) => count - (seen[at - 1] ?? 0));
  expect(Math.max(...steps)).toBeLessThan(LARGE / 2);
  expect(await read(acme.admin, id)).toMatchObject({ status: "COMPLETED", rowCount: LARGE });
  expect(await verifiedFile(id)).toMatchObject({ isValid: true, verifiedEntries: LARGE });
});

test("a part that somebody changed in the storage is not signed", { tags: "slow" }, async () => {
  const { id } = await begun(acme.admin, { afterSequence: sealed - 900 });
  const changing: FileStorage = {
    ...storage,
    read: async (...asked) => {
      const bytes = await storage.read(...asked);
      return bytes && Readable.from([Buffer.from((await text(bytes)).replace("vendor.update", "vendor.delete"))]);
    },
  };
  const turn = turnsOn(changing);
  while ((await turn()) > 0);
  expect(await read(acme.admin, id)).toMatchObject({
    status: "FAILED",
    message: "What was exported was changed in the file storage. Tell the operator, and start the export again.",
    proof: null,
    file: null,
  });
});

test("a turn that fails is repeated, and nothing is exported twice", { tags: "slow" }, async () => {
  const { id } = await begun(acme.admin, { afterSequence: sealed - 900 });
  let writes = 0;
  const unreliable: FileStorage = {
    ...storage,
    write: async (...written) => {
      if (++writes % 2 === 0) throw new Error("The disk is gone.");
      return storage.write(...written);
    },
  };
  const turn = turnsOn(unreliable);
  for (let left = 20; left > 0 && (await read(acme.admin, id)).status === "RUNNING"; left--) {
    await turn();
    await makeDue(id);
  }
  expect(writes).toBeGreaterThan(5);
  expect(await verifiedFile(id)).toMatchObject({ isValid: true, verifiedEntries: 900 });
});

test("an export ends when the rights of its creator change while it runs, and its storage is released", { tags: "slow" }, async () => {
  const { id } = await begun(acme.admin, {});
  const turn = turnsOn(storage);
  await turn();
  await owner`update identity.users set rights_version = rights_version + 1 where tenant_id = ${acme.id} and id = ${decodeId("user", acme.admin.id)}`;
  await turn();
  expect(await read(acme.admin, id)).toMatchObject({
    status: "FAILED",
    message: "Your rights changed while the export was running. Start it again.",
    file: null,
    proof: null,
  });
});

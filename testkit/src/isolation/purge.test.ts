import { existsSync } from "node:fs";
import { join } from "node:path";
import { decodeId, encodeId } from "@weft/shared/ids";
import { type FileStorage, openFileStorage } from "@weft/platform/files";
import { purgeTenant, startPurger } from "@weft/platform/purge";
import { loadExampleDefinition } from "@weft/standalone";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newReceivedShare } from "../tenants/new-share.js";
import { aMaintenanceTenant, type MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import type { TestPlatform } from "../test-tenant.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { until } from "../until.js";
import { checksums } from "./answers.js";
import { inputTypeOf } from "../input-type.js";

const change = (name: string) => `mutation Change($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { tenant { status } } }`;
const silent = { info: () => undefined, error: () => undefined };

let weft: TestWeft;
let platform: TestPlatform;
let owner: postgres.Sql;
let storage: FileStorage;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It adds tables." });
  storage = await openFileStorage(weft.weft.services.config.files, weft.weft.services.log);
  platform = await weft.platform();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const worker = <T>(run: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const sql = postgres(weft.database.workerUrl, { max: 1, onnotice: () => {} });
  return run(sql).finally(() => sql.end());
};
const archive = ({ tenant }: MaintenanceTenant) =>
  platform.operator.run(change("archiveTenant"), { input: { tenantId: encodeId("tenant", tenant.id), reason: "They left" } });
const timePasses = ({ tenant }: MaintenanceTenant) => owner`update identity.tenants set purge_at = now() where tenant_id = ${tenant.id}`;
const purge = ({ tenant }: MaintenanceTenant) => purgeTenant({ ...weft.weft.services, storage, log: silent }, tenant.id);
const bytesOf = ({ tenant }: MaintenanceTenant) => join(weft.weft.services.config.files.folder, tenant.id);

/** Uploads a file and attaches it to the building. */
async function upload({ operations, buildingId }: MaintenanceTenant): Promise<void> {
  const { createUpload } = await operations.run<{ createUpload: { file: { id: string }; url: string } }>(
    'mutation { createUpload(input: { name: "notes.txt", size: 5 }) { file { id } url } }',
  );
  await fetch(new URL(createUpload.url, weft.url), { method: "PUT", body: "notes" });
  const input = { fileId: createUpload.file.id, objectId: buildingId };
  await operations.run("mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }", { input });
}

/** Creates a tenant with almost every kind of data. */
async function aBusyTenant(): Promise<MaintenanceTenant> {
  const busy = await aMaintenanceTenant(weft);
  await busy.request("closed");
  await busy.tenant.definition(await loadExampleDefinition("project"));
  await busy.admin.run(`mutation { createProject(input: { code: "P", name: "P", idempotencyKey: "p" }) { project { id } } }`);
  await busy.tenant.team("team");
  await upload(busy);
  await platform.actAs(busy.tenant);
  await weft.weft.worker.idle();
  return busy;
}

test(
  "an archived tenant is purged when it is due: none of its rows remain, its neighbor loses none, and the platform keeps a tombstone",
  { tags: "slow" },
  async () => {
    const [acme, globex] = [await aBusyTenant(), await aBusyTenant()];
    await archive(acme);
    // The audit entry of the archiving is sealed shortly after it.
    await weft.weft.worker.idle();
    const before = await checksums(owner, acme.tenant.id);
    expect(Object.keys(before).length).toBeGreaterThan(25);
    expect(await purge(acme)).toBeNull();
    expect(await checksums(owner, acme.tenant.id)).toEqual(before);

    await timePasses(acme);
    await weft.weft.worker.idle();
    const neighbor = await checksums(owner, globex.tenant.id);
    const purger = startPurger({ ...weft.weft.services, storage, log: silent, firstAfterMs: 0 });
    await until(async () => Object.keys(await checksums(owner, acme.tenant.id)).length === 0, { what: "everything is gone" });
    expect([existsSync(bytesOf(acme)), existsSync(bytesOf(globex))]).toEqual([false, true]);
    await purger.stop();
    expect(await checksums(owner, globex.tenant.id)).toEqual(neighbor);
    expect((await globex.admin.send("{ tenant { slug } requests { totalCount } }")).errors).toBeUndefined();

    const graves = await owner<{ before: Record<string, unknown> }[]>`
    select before from audit.entries where tenant_id = ${platform.tenant.id} and action = 'tenant.purge' and entity_id = ${acme.tenant.id}`;
    expect(graves.map((row) => row.before)).toMatchObject([{ slug: acme.tenant.slug, tenantId: acme.tenant.id }]);
    await expect(acme.admin.again()).rejects.toThrow("UNAUTHENTICATED");
    expect(
      await platform.operator.refusal(change("restoreTenant"), { input: { tenantId: encodeId("tenant", acme.tenant.id), reason: "Oops" } }),
    ).toBe("NOT_FOUND");
    expect(await purge(acme)).toBeNull();
  },
);

test("an interrupted purge is not undone: the tenant cannot be restored, and the next purge continues it", { tags: "slow" }, async () => {
  const acme = await aBusyTenant();
  await archive(acme);
  await timePasses(acme);
  const interrupted = new AbortController();
  interrupted.abort();
  expect(await purgeTenant({ ...weft.weft.services, storage, log: silent }, acme.tenant.id, interrupted.signal)).toBeNull();
  const tenantId = encodeId("tenant", acme.tenant.id);
  expect(await platform.operator.refusal(change("restoreTenant"), { input: { tenantId, reason: "Oops" } })).toBe("CONFLICT");
  expect(await purge(acme)).toBeGreaterThan(100);
  expect(await checksums(owner, acme.tenant.id)).toEqual({});
});

test(
  "a tenant that cannot be deleted does not delay those after it, and a chain of tokens longer than a batch is deleted like everything else",
  { tags: "slow" },
  async () => {
    const [stuck, acme] = [await aMaintenanceTenant(weft), await aMaintenanceTenant(weft)];
    await archive(stuck);
    await archive(acme);
    await owner`create table public.foreign_notes (tenant_id uuid, author_id uuid, foreign key (tenant_id, author_id) references identity.users (tenant_id, id))`;
    await owner`insert into public.foreign_notes select tenant_id, id from identity.users where tenant_id = ${stuck.tenant.id} limit 1`;
    await owner`insert into identity.refresh_tokens (tenant_id, id, session_id, predecessor_id, expires_at)
    select s.tenant_id, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, s.id,
           case when n > 1 then ('00000000-0000-7000-8000-' || lpad((n - 1)::text, 12, '0'))::uuid end, now()
      from (select tenant_id, id from identity.sessions where tenant_id = ${acme.tenant.id} limit 1) s, generate_series(1, 5100) n`;
    await timePasses(stuck);
    await timePasses(acme);
    await weft.weft.worker.idle();
    const errors: unknown[] = [];
    const log = { info: () => undefined, error: (context: unknown) => errors.push(context) };
    const purger = startPurger({ ...weft.weft.services, storage, log, firstAfterMs: 0 });
    await until(async () => Object.keys(await checksums(owner, acme.tenant.id)).length === 0, { what: "what is after it is gone" });
    await purger.stop();
    expect(errors).toMatchObject([{ tenantId: stuck.tenant.id }]);
    await owner`drop table public.foreign_notes`;
    expect(await purge(stuck)).not.toBeNull();
  },
);

test("the database refuses an early purge to every caller: active, suspended, and archived tenants and the platform's own keep every row", async () => {
  const acme = await aMaintenanceTenant(weft);
  const deleted = (tenantId: string): Promise<number> =>
    worker((sql) =>
      sql.begin(async (tx) => {
        await tx.unsafe(`set local app.tenant_id = '${tenantId}'; set local role weft_worker_purge`);
        const counts = await Promise.all(
          ["audit.entries", "events.log", "identity.login_names"].map(async (table) => (await tx.unsafe(`delete from ${table}`)).count),
        );
        return counts.reduce((sum, count) => sum + count, 0);
      }),
    );
  expect(await deleted(acme.tenant.id)).toBe(0);
  expect(await deleted(platform.tenant.id)).toBe(0);
  await acme.admin.run(change("deactivateTenant"), { input: { reason: "x" } });
  expect(await deleted(acme.tenant.id)).toBe(0);
  await archive(acme);
  expect(await deleted(acme.tenant.id)).toBe(0);

  // Without assuming the role, the worker has none of these rights. The application can never assume it.
  await expect(worker((sql) => sql`delete from audit.entries`)).rejects.toThrow("permission denied");
  const app = postgres(weft.database.appUrl, { max: 1, onnotice: () => {} });
  await expect(app`set role weft_worker_purge`).rejects.toThrow("permission denied");
  await app.end();
});

test("deletes what other tenants share with the deleted one, in these tenants too", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  const kept = await weft.tenant();
  const [withDeleted, withKept] = [
    decodeId("definitionShare", await newReceivedShare(owner, tenant, { mode: "COPY", status: "ACCEPTED" })),
    decodeId("definitionShare", await newReceivedShare(owner, kept, { mode: "COPY", status: "ACCEPTED" })),
  ];
  await owner`insert into workflows.definition_share_uses (tenant_id, id, share_id, side, mode, partner_name, definition_number)
    select tenant_id, gen_random_uuid(), id, side, mode, 'Name', 1 from workflows.definition_shares, generate_series(1, case id when ${withDeleted} then 5100 else 1 end)
     where id in (${withDeleted}, ${withKept}) and side = 'OWNER'`;
  const input = { tenantId: encodeId("tenant", tenant.id), reason: "They left" };
  await platform.operator.run(change("archiveTenant"), { input });
  await owner`update identity.tenants set purge_at = now() where tenant_id = ${tenant.id}`;
  await purgeTenant({ ...weft.weft.services, storage, log: silent }, tenant.id);
  const left = await owner<{ id: string }[]>`select id from workflows.definition_shares where id in (${withDeleted}, ${withKept})`;
  expect(left.map(({ id }) => id)).toEqual([withKept, withKept]);
  const audited = await owner`select action, before->>'definitionKey' as key from audit.entries where entity_id = ${withDeleted}`;
  expect([...audited]).toEqual([{ action: "definitionShare.delete", key: "resting" }]);
  const uses = await owner<
    { id: string }[]
  >`select share_id as id from workflows.definition_share_uses where share_id in (${withDeleted}, ${withKept})`;
  expect(uses.map(({ id }) => id)).toEqual([withKept]);
});

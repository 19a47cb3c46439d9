import { text } from "node:stream/consumers";
import { decodeId } from "@weft/shared/ids";
import { fileKey, type FileStorage, openFileStorage } from "@weft/platform/files";
import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { requestsSubgraph } from "../../schema.js";
import { dueExports } from "./due-exports.js";

// The worker of the installation is stopped: the tests take the turns themselves, one page at a time.

let weft: TestWeft;
let owner: postgres.Sql;
let acme: MaintenanceTenant;
let storage: FileStorage;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It stops the worker." });
  await weft.weft.worker.stop();
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  storage = await openFileStorage(weft.weft.services.config.files, weft.weft.services.log);
});
beforeEach(async () => {
  acme = await aMaintenanceTenant(weft);
  await owner`
    insert into requests.assets select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'tag', 'A-' || lpad(n::text, 3, '0')))).*
      from requests.assets a, generate_series(1, 249) n where a.id = ${decodeId("asset", acme.assetId)}`;
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

/** Takes turns that end after a page, with a storage. */
const turnsOn = (on: FileStorage) => {
  const exports = dueExports({ services: weft.weft.services, storage: on, subgraph: requestsSubgraph });
  return () => exports.run(acme.tenant.id, 1, AbortSignal.abort());
};

async function begun(input: Record<string, unknown> = {}): Promise<string> {
  const { exportAssets } = await acme.operations.run<{ exportAssets: { export: { id: string } } }>(
    "mutation ($input: ExportAssetsInput!) { exportAssets(input: $input) { export { id } } }",
    { input: { columns: ["tag"], format: "JSON_LINES", ...input } },
  );
  return exportAssets.export.id;
}

async function read(id: string): Promise<{ status: string; rowCount: number; message: string | null; file: { id: string } | null }> {
  const answer = await acme.operations.run<{ export: Awaited<ReturnType<typeof read>> }>(
    "query ($id: ID!) { export(id: $id) { status rowCount message file { id } } }",
    { id },
  );
  return answer.export;
}

/** Tags in the file of a completed export, in order. */
async function tagsIn(id: string): Promise<string[]> {
  const { file } = await read(id);
  const uuid = decodeId("file", file?.id ?? "");
  const [row] = await owner<{ attempt: number }[]>`select attempt from app.files where id = ${uuid}`;
  const stream = await storage.read(fileKey({ tenantId: acme.tenant.id, id: uuid, attempt: row?.attempt ?? 0 }));
  const content = stream && (await text(stream));
  return (content ?? "")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { tag: string }).tag);
}

const makeDue = (id: string) => owner`update app.exports set due_at = now() where id = ${decodeId("export", id)}`;
const numbered = Array.from({ length: 249 }, (_, n) => `A-${String(n + 1).padStart(3, "0")}`);

test("continues in turns and shows its progress", { tags: "slow" }, async () => {
  const id = await begun();
  const turn = turnsOn(storage);
  const seen: number[] = [];
  while ((await turn()) > 0) seen.push((await read(id)).rowCount);
  expect(seen).toEqual([100, 200, 250]);
  expect(await read(id)).toMatchObject({ status: "COMPLETED", rowCount: 250 });
  expect((await tagsIn(id)).filter((tag) => tag.startsWith("A-"))).toEqual(numbered);
});

test("changes meanwhile neither repeat nor skip the objects that did not change", { tags: "slow" }, async () => {
  const id = await begun({ orderBy: { field: "TAG", direction: "ASC" } });
  const turn = turnsOn(storage);
  await turn();
  await owner`delete from requests.assets where tag = 'A-050' and tenant_id = ${acme.tenant.id}`;
  await owner`update requests.assets set tag = 'A-000' where tag = 'A-150' and tenant_id = ${acme.tenant.id}`;
  await owner`
    insert into requests.assets select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'tag', 'A-010a'))).*
      from requests.assets a where a.id = ${decodeId("asset", acme.assetId)}`;
  while ((await turn()) > 0);
  expect((await tagsIn(id)).filter((tag) => tag.startsWith("A-"))).toEqual(numbered.filter((tag) => tag !== "A-150"));
});

test("a turn that fails is repeated, and nothing is exported twice", { tags: "slow" }, async () => {
  const id = await begun();
  let writes = 0;
  const unreliable: FileStorage = {
    ...storage,
    write: async (...written) => {
      if (++writes % 2 === 0) throw new Error("The disk is gone.");
      return storage.write(...written);
    },
  };
  const turn = turnsOn(unreliable);
  for (let left = 20; left > 0 && (await read(id)).status === "RUNNING"; left--) {
    await turn();
    if ((await read(id)).status === "RUNNING") await makeDue(id);
  }
  expect(writes).toBeGreaterThan(3);
  expect((await tagsIn(id)).filter((tag) => tag.startsWith("A-"))).toEqual(numbered);
});

test("a worker that was taken for dead changes nothing when it comes back", { tags: "slow" }, async () => {
  const id = await begun();
  const gate = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  const slow: FileStorage = {
    ...storage,
    write: async (...written) => {
      waiting.resolve();
      await gate.promise;
      return storage.write(...written);
    },
  };
  const late = turnsOn(slow)();
  await waiting.promise;
  await makeDue(id);
  const turn = turnsOn(storage);
  while ((await turn()) > 0);
  gate.resolve();
  await late;
  expect(await read(id)).toMatchObject({ status: "COMPLETED", rowCount: 250 });
  expect((await tagsIn(id)).filter((tag) => tag.startsWith("A-"))).toEqual(numbered);
});

test("an export that is cancelled stops, and its storage is released", { tags: "slow" }, async () => {
  const id = await begun();
  const turn = turnsOn(storage);
  await turn();
  const cancel = "mutation ($input: VersionedIdInput!) { cancelExport(input: $input) { export { status file { id } } } }";
  const cancelled = { cancelExport: { export: { status: "CANCELLED", file: null } } };
  expect(await acme.operations.run(cancel, { input: { id } })).toEqual(cancelled);
  expect(await acme.operations.run(cancel, { input: { id } })).toEqual(cancelled);
  expect(await turn()).toBe(0);
  expect(await read(id)).toMatchObject({ status: "CANCELLED", rowCount: 100 });
  const left = await owner`
    select from app.exports e join app.files f on f.tenant_id = e.tenant_id and f.id = e.file_id
     where e.id = ${decodeId("export", id)} and f.status <> 'DELETED'`;
  expect(left).toHaveLength(0);
});

test("an export that a worker is continuing is cancelled all the same, unless the client expects a version", { tags: "slow" }, async () => {
  const id = await begun();
  const cancel = "mutation ($input: VersionedIdInput!) { cancelExport(input: $input) { export { status } } }";
  // As the worker does after each page.
  const cancelling = await owner.begin(async (sql) => {
    await sql`update app.exports set version = version + 1, row_count = row_count + 100 where id = ${decodeId("export", id)}`;
    const answer = acme.operations.send(cancel, { input: { id } });
    const isWaiting = async (): Promise<boolean> =>
      (await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%lockExport%' and pid <> pg_backend_pid()`)
        .length > 0;
    await until(isWaiting, { what: "the cancellation waits for the export" });
    return { answer };
  });
  expect(await cancelling.answer).toMatchObject({ data: { cancelExport: { export: { status: "CANCELLED" } } } });
  expect(await acme.operations.refusal(cancel, { input: { id: await begun(), expectedVersion: 7 } })).toBe("CONFLICT");
});

test("an export of a suspended tenant waits until the tenant is active again", { tags: "slow" }, async () => {
  await begun();
  const exports = dueExports({ services: weft.weft.services, storage, subgraph: requestsSubgraph });
  const isFound = async () =>
    (await weft.weft.services.databases.worker.begin((tx) => exports.find(tx, 1_000))).tenants.includes(acme.tenant.id);
  expect(await isFound()).toBe(true);
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${acme.tenant.id}`;
  expect(await isFound()).toBe(false);
  await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${acme.tenant.id}`;
  expect(await isFound()).toBe(true);
});

test("lost rights end it, and nothing of what was read remains", { tags: "slow" }, async () => {
  const id = await begun();
  const turn = turnsOn(storage);
  await turn();
  await owner`update identity.users set rights_version = rights_version + 1 where id = ${decodeId("user", acme.operations.id)}`;
  await turn();
  expect(await read(id)).toMatchObject({
    status: "FAILED",
    file: null,
    message: "Your rights changed while the export was running. Start it again.",
  });
});

test("an export that cannot be continued fails after some attempts", { tags: "slow" }, async () => {
  const id = await begun();
  const broken: FileStorage = { ...storage, write: () => Promise.reject(new Error("The disk is gone.")) };
  const turn = turnsOn(broken);
  for (let tries = 0; tries < 11; tries++) {
    await makeDue(id).catch(() => undefined);
    await turn();
  }
  expect(await read(id)).toMatchObject({
    status: "FAILED",
    file: null,
    message: expect.stringContaining("could not be continued") as string,
  });
});

test("a user has at most 20 running exports", { tags: "slow" }, async () => {
  for (let n = 0; n < 20; n++) await begun();
  const answer = await acme.operations.refused("mutation ($input: ExportAssetsInput!) { exportAssets(input: $input) { export { id } } }", {
    input: {},
  });
  expect(answer.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "runningExports", used: 20, allowed: 20 });
});

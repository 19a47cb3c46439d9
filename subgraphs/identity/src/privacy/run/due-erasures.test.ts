import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@weft/shared/ids";
import { asTenant, type Tx } from "@weft/platform/db";
import { openErasureList } from "@weft/platform/erasure";
import { type BareDatabase, openBareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  beginErasure,
  claimErasure,
  erasureQueue,
  exportQueue,
  hastenErasures,
  keepSoughtValues,
  heldMessage,
  type PrivacyRequestRow,
} from "../requests/privacy-request.store.js";
import { dueErasures, executeErasure } from "./due-erasures.js";
import { dueExports } from "./due-exports.js";
import { openPrivacyParts } from "./privacy-parts.fixture.js";
import type { PrivacyParts } from "./privacy-work.js";
import { reapplyErasures } from "./reapply-erasures.js";

let bare: BareDatabase;
let folder: string;
let parts: PrivacyParts;
let tenantId: string;
const forever = new AbortController().signal;
const failures: object[] = [];
const log = { warn: () => {}, error: (about: object) => void failures.push(about) };

beforeAll(async () => {
  bare = await openBareDatabase();
  folder = await mkdtemp(join(tmpdir(), "weft-due-erasures-"));
  const { databases, keyring } = bare;
  parts = await openPrivacyParts({ databases, keyring, folder, log });
});
afterAll(async () => {
  parts.erasures.close();
  parts.storage.close();
  await rm(folder, { recursive: true });
  await bare.close();
});

beforeEach(async () => {
  failures.length = 0;
  ({ tenantId } = await bare.tenant());
});

/** An approved request about a new user. */
async function approved(kind: "ANONYMISE" | "ERASE" | "EXPORT" = "ERASE"): Promise<string> {
  const id = newId();
  const personId = await bare.user(tenantId);
  await bare.owner`update identity.users set name = 'Pia Person' where tenant_id = ${tenantId} and id = ${personId}`;
  await bare.owner`insert into identity.privacy_requests
    (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, decided_by, decided_at, due_at)
    values (${tenantId}, ${id}, ${kind}, 'user', ${personId}, 'APPROVED', 'R', ${newId()}, ${newId()}, ${newId()}, now(), now())`;
  return id;
}

interface Shown {
  readonly status: string;
  readonly message: string | null;
  readonly receipt: { readonly rows: Readonly<Record<string, number>> } | null;
  readonly claims: number;
  readonly tries: number;
  /** Minutes until it is due. */
  readonly dueIn: number | null;
}

async function shown(id: string): Promise<Shown> {
  const [row] = await bare.owner<
    Shown[]
  >`select status, message, receipt, claims, tries, round(extract(epoch from due_at - now()) / 60)::int as "dueIn"
    from identity.privacy_requests where tenant_id = ${tenantId} and id = ${id}`;
  if (!row) throw new Error(`no request ${id}`);
  return row;
}

const nameOf = async (id: string): Promise<unknown> => {
  const [row] =
    await bare.owner`select u.name from identity.privacy_requests r join identity.users u on u.tenant_id = r.tenant_id and u.id = r.person_id
    where r.tenant_id = ${tenantId} and r.id = ${id}`;
  return row?.["name"];
};

const inTenant = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(bare.databases.app, { tenantId }, "write", fn);
const claimed = async (id: string): Promise<PrivacyRequestRow> => {
  const row = await inTenant((tx) => claimErasure(tx, id));
  if (row === null) throw new Error(`${id} could not be claimed`);
  return row;
};
const makeDue = (id: string) =>
  bare.owner`update identity.privacy_requests set due_at = now() where tenant_id = ${tenantId} and id = ${id} and due_at is not null`;

test("an erasure gives up its turn, and continues in the next one, after others have had theirs", async () => {
  const ids = [await approved(), await approved()];
  const source = dueErasures(parts, { stopping: forever, turnMs: 0 });
  const begun = async (): Promise<boolean[]> => Promise.all(ids.map(async (id) => (await shown(id)).receipt !== null));
  await source.run(tenantId, 1, forever);
  expect((await begun()).filter(Boolean)).toHaveLength(1);
  await source.run(tenantId, 1, forever);
  expect(await begun()).toEqual([true, true]);
  expect(await Promise.all(ids.map(async (id) => (await shown(id)).status))).toEqual(["APPROVED", "APPROVED"]);
  let turns = 2;
  for (
    const isOver = async () => (await Promise.all(ids.map(shown))).every(({ status }) => status === "COMPLETED");
    !(await isOver());
    turns++
  )
    await source.run(tenantId, 1, forever);
  expect(turns).toBeGreaterThan(20);
  for (const id of ids) {
    expect(await nameOf(id)).toBe("[erased]");
    expect((await shown(id)).receipt?.rows).toMatchObject({ "identity.users": 1 });
  }
  expect(failures).toEqual([]);
});

test("a worker whose erasure another one has claimed changes nothing, and the receipt counts each row once", async () => {
  const id = await approved();
  const first = await claimed(id);
  const second = await claimed(id);
  await expect(executeErasure(parts, first)).rejects.toThrow("Another worker has continued the erasure.");
  expect(await nameOf(id)).toBe("Pia Person");
  await executeErasure(parts, second);
  expect(await shown(id)).toMatchObject({ status: "COMPLETED", receipt: { rows: { "identity.users": 1 } } });
  await expect(executeErasure(parts, first)).rejects.toThrow("the erasure is not approved");
  expect(await shown(id)).toMatchObject({ status: "COMPLETED", receipt: { rows: { "identity.users": 1 } } });
});

test("a worker whose erasure another one has claimed does not replace the values that it searches for", async () => {
  const id = await approved();
  const first = await claimed(id);
  const second = await claimed(id);
  expect(await inTenant((tx) => keepSoughtValues(tx, second, "sealed by the second"))).toBe(true);
  expect(await inTenant((tx) => keepSoughtValues(tx, first, "sealed by the first"))).toBe(false);
  const [row] = await bare.owner`select sought_values from identity.privacy_requests where tenant_id = ${tenantId} and id = ${id}`;
  expect(row).toEqual({ sought_values: "sealed by the second" });
});

test("the end of a legal hold hastens what a hold has stopped, and no erasure that a worker executes", async () => {
  const [held, executed] = [await approved(), await approved()];
  await bare.owner`update identity.privacy_requests set message = ${heldMessage}, due_at = now() + interval '5 minutes' where tenant_id = ${tenantId}`;
  const row = await claimed(executed);
  expect(await inTenant((tx) => beginErasure(tx, row))).toBe(true);
  await inTenant(hastenErasures);
  expect((await shown(held)).dueIn).toBe(0);
  expect((await shown(executed)).dueIn).toBe(10);
});

test("an erasure that begins has no message of an earlier attempt", async () => {
  const id = await approved();
  await bare.owner`update identity.privacy_requests set message = ${heldMessage} where tenant_id = ${tenantId} and id = ${id}`;
  await dueErasures(parts, { stopping: forever, turnMs: 0 }).run(tenantId, 1, forever);
  expect(await shown(id)).toMatchObject({ status: "APPROVED", message: null });
});

test("each failure in a row doubles the time until the next attempt, up to six hours, and a turn that ends starts it over", async () => {
  const id = await approved();
  const place = join(folder, "file");
  await writeFile(place, "not a folder");
  const broken = { ...parts, erasures: await openErasureList({ config: { folder: place }, keys: parts.keys, log }) };
  const fail = async (): Promise<number | null> => {
    await makeDue(id);
    expect(await dueErasures(broken, { stopping: forever }).run(tenantId, 1, forever)).toBe(0);
    return (await shown(id)).dueIn;
  };
  expect([await fail(), await fail(), await fail()]).toEqual([1, 2, 4]);
  expect(failures).toHaveLength(3);
  await bare.owner`update identity.privacy_requests set tries = 30 where tenant_id = ${tenantId} and id = ${id}`;
  expect(await fail()).toBe(360);
  await makeDue(id);
  expect(await dueErasures(parts, { stopping: forever, turnMs: 0 }).run(tenantId, 1, forever)).toBe(1);
  expect(await shown(id)).toMatchObject({ status: "APPROVED", message: null, tries: 0, dueIn: 0 });
});

test("a turn that ends does not start the time between attempts over while an erasure repeats what was left", async () => {
  const id = await approved();
  const progress = { step: "words workflows.history", after: null, repeat: "ROWS" };
  await bare.owner`update identity.privacy_requests set tries = 3, progress = ${bare.owner.json(progress)} where tenant_id = ${tenantId} and id = ${id}`;
  expect(await dueErasures(parts, { stopping: forever, turnMs: 0 }).run(tenantId, 1, forever)).toBe(1);
  expect(await shown(id)).toMatchObject({ status: "APPROVED", message: null, tries: 3, dueIn: 0 });
});

test("an erasure that is repeated after a restore finds copies by the values of another one, which had begun in the backup", async () => {
  const id = await approved("ANONYMISE");
  const eventId = newId();
  await bare.owner`insert into events.log
    (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
    values (${tenantId}, ${eventId}, 'custom.published', 1, 'request', ${newId()}, 1, '{}', '{"text": "Ask Pia Person"}', ${newId()}, 'r', now())`;
  while ((await nameOf(id)) !== "[erased]") await dueErasures(parts, { stopping: forever, turnMs: 0 }).run(tenantId, 1, forever);
  const { personId } = await claimed(id);
  const [requestId, requestedBy, decidedBy] = [newId(), newId(), newId()];
  const decidedAt = new Date().toISOString();
  await parts.erasures.add({
    version: 1,
    tenantId,
    requestId,
    kind: "ERASE",
    personType: "user",
    personId,
    requestedBy,
    decidedBy,
    decidedAt,
  });
  const payload = async (): Promise<unknown> => {
    const [event] = await bare.owner`select payload from events.log where tenant_id = ${tenantId} and id = ${eventId}`;
    return event?.["payload"];
  };
  expect(await payload()).toEqual({ text: "Ask Pia Person" });
  expect(await reapplyErasures(parts, tenantId)).toMatchObject({ erased: 1, left: 0 });
  expect(await payload()).toEqual({ text: "Ask [erased]" });
  expect([(await shown(id)).status, (await shown(requestId)).status]).toEqual(["WITHDRAWN", "COMPLETED"]);
});

/** An approved export with a file, and a storage that loses the claim to another worker before `write` ends. */
async function anExportOfTwoWorkers(write: PrivacyParts["storage"]["write"]) {
  const [id, fileId] = [await approved("EXPORT"), newId()];
  await bare.owner`insert into app.files (tenant_id, id, name, size, type, declared_type, status, created_by, due_at)
    values (${tenantId}, ${fileId}, 'person.zip', 0, 'application/zip', 'application/zip', 'PENDING', ${await bare.user(tenantId)}, now() + interval '1 day')`;
  await bare.owner`update identity.privacy_requests set file_id = ${fileId}, tries = 9 where tenant_id = ${tenantId} and id = ${id}`;
  const claimedByAnother: PrivacyParts["storage"]["write"] = async (...all) => {
    await bare.owner`update identity.privacy_requests set claims = claims + 1 where tenant_id = ${tenantId} and id = ${id}`;
    await write(...all);
  };
  const status = async (): Promise<unknown[]> => {
    const [file] = await bare.owner`select status, attempt from app.files where tenant_id = ${tenantId} and id = ${fileId}`;
    return [(await shown(id)).status, file];
  };
  return { status, parts: { ...parts, storage: { ...parts.storage, write: claimedByAnother } } };
}

test.each([
  ["has written", (...all: Parameters<PrivacyParts["storage"]["write"]>) => parts.storage.write(...all)],
  ["fails to write", () => Promise.reject(new Error("The disk is full."))],
])("a worker that %s an export that another one has claimed leaves its request and its file alone", async (_name, write) => {
  const { status, parts: workers } = await anExportOfTwoWorkers(write);
  await dueExports(workers, forever).run(tenantId, 1, forever);
  expect(await status()).toEqual(["APPROVED", { status: "PENDING", attempt: 1 }]);
});

test("exports and erasures are lanes of their own", async () => {
  const [erasure, exported] = [await approved("ERASE"), await approved("EXPORT")];
  const foundBy = async (queue: typeof erasureQueue): Promise<boolean> =>
    (await bare.databases.worker.begin((tx) => queue.searches.find(tx, 1_000), "read")).tenants.includes(tenantId);
  await dueExports(parts, forever).run(tenantId, 10, forever);
  // It has no file.
  expect([(await shown(exported)).status, (await shown(erasure)).claims]).toEqual(["FAILED", 0]);
  expect([await foundBy(exportQueue), await foundBy(erasureQueue)]).toEqual([false, true]);
  await dueErasures(parts, { stopping: forever }).run(tenantId, 10, forever);
  expect((await shown(erasure)).status).toBe("COMPLETED");
  expect(await foundBy(erasureQueue)).toBe(false);
});

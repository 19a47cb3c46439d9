import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@weft/shared/ids";
import { type BareDatabase, openBareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dueExports } from "./due-exports.js";
import { openPrivacyParts } from "./privacy-parts.fixture.js";
import type { PrivacyParts } from "./privacy-work.js";
import { textsOf } from "./texts-of.fixture.js";

const ROWS = 1_200;
const forever = new AbortController().signal;
let bare: BareDatabase;
let folder: string;
let parts: PrivacyParts;
const failures: unknown[] = [];

beforeAll(async () => {
  bare = await openBareDatabase();
  folder = await mkdtemp(join(tmpdir(), "weft-large-export-"));
  const log = { warn: () => {}, error: (about: { err?: unknown }) => void failures.push(about.err) };
  const { databases, keyring } = bare;
  parts = await openPrivacyParts({ databases, keyring, folder, log });
});
afterAll(async () => {
  parts.erasures.close();
  parts.storage.close();
  await rm(folder, { recursive: true });
  await bare.close();
});

/** An export of a user with notifications of 6 MB. */
async function anExport() {
  const { tenantId } = await bare.tenant();
  const [id, fileId, personId] = [newId(), newId(), await bare.user(tenantId)];
  await bare.owner`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, created_at)
    select ${tenantId}, gen_random_uuid(), ${personId}, gen_random_uuid(), 'TASK_OPENED', 'title ' || g || ' <' || repeat('x', 5000) || '>', 'request', gen_random_uuid(), '{}', now()
      from generate_series(1, ${ROWS}) g`;
  await bare.owner`insert into app.files (tenant_id, id, name, size, type, declared_type, status, created_by, due_at)
    values (${tenantId}, ${fileId}, 'person.zip', 0, 'application/zip', 'text/csv', 'PENDING', ${personId}, now() + interval '1 day')`;
  await bare.owner`insert into identity.privacy_requests
    (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, decided_at, due_at, file_id)
    values (${tenantId}, ${id}, 'EXPORT', 'user', ${personId}, 'APPROVED', 'R', ${newId()}, ${newId()}, now(), now(), ${fileId})`;
  const status = async (): Promise<unknown> =>
    (await bare.owner`select status from identity.privacy_requests where tenant_id = ${tenantId} and id = ${id}`)[0]?.["status"];
  const file = async () =>
    (await bare.owner`select status, size::int, sha256, attempt from app.files where tenant_id = ${tenantId} and id = ${fileId}`)[0] ?? {};
  const keys = async (): Promise<string[]> => {
    const entries = await readdir(join(folder, "files"), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && entry.name.startsWith(fileId)).map((entry) => join(entry.parentPath, entry.name));
  };
  return { tenantId, status, file, keys };
}

/** Has a worker write the exports that are due in a tenant, to a storage with another `write`. */
async function work(tenantId: string, write: PrivacyParts["storage"]["write"]): Promise<void> {
  const { storage } = parts;
  const other = { ...storage, read: storage.read.bind(storage), delete: storage.delete.bind(storage), write };
  await dueExports({ ...parts, storage: other }, forever).run(tenantId, 1, forever);
}

test(
  "an export that is larger than a part contains every row once, in both texts, and leaves one file in the storage",
  { tags: "slow" },
  async () => {
    const { tenantId, status, file, keys } = await anExport();
    const sizes: number[] = [];
    const write: PrivacyParts["storage"]["write"] = (key, source, size) => {
      sizes.push(size);
      return parts.storage.write(key, source, size);
    };
    await work(tenantId, write);
    expect(failures).toEqual([]);
    expect(await status()).toBe("COMPLETED");
    // A part of each text, and the archive.
    expect(sizes).toEqual([expect.closeTo(4_000_000, -5), expect.closeTo(4_000_000, -5), expect.any(Number)]);
    const stored = await file();
    expect(stored).toMatchObject({ status: "STORED", size: sizes[2], attempt: 3 });
    const [path = "", ...others] = await keys();
    expect(others).toEqual([]);
    const zip = await readFile(path);
    expect(createHash("sha256").update(zip).digest("hex")).toBe(stored["sha256"]);
    const texts = textsOf(zip);
    expect([...texts.keys()]).toEqual(["data.json", "index.html"]);
    const data = JSON.parse(texts.get("data.json") ?? "") as Record<string, { id: string; title?: string }[]>;
    expect(new Set(data["audit.notifications"]?.map(({ title }) => title?.split(" ")[1]))).toEqual(
      new Set(Array.from({ length: ROWS }, (_, at) => String(at + 1))),
    );
    expect(data["audit.notifications"]).toHaveLength(ROWS);
    expect(data["identity.users"]).toHaveLength(1);
    const html = texts.get("index.html") ?? "";
    expect(html.match(/<td>title \d+ &#60;x{5000}&#62;<\/td>/g)).toHaveLength(ROWS);
    expect(html.match(/<h2>/g)).toHaveLength(Object.keys(data).length);
    expect(html.endsWith("</body></html>\n")).toBe(true);
  },
);

test("an attempt that fails leaves no parts, and the next one writes the export", { tags: "slow" }, async () => {
  const { tenantId, status, keys, file } = await anExport();
  failures.length = 0;
  let writes = 0;
  const write: PrivacyParts["storage"]["write"] = async (key, source, size) => {
    if (++writes === 3) throw new Error("The disk is full.");
    await parts.storage.write(key, source, size);
  };
  await work(tenantId, write);
  expect(failures).toMatchObject([{ message: "The disk is full." }]);
  expect([await status(), await keys()]).toEqual(["APPROVED", []]);
  await bare.owner`update identity.privacy_requests set due_at = now() where tenant_id = ${tenantId}`;
  await dueExports(parts, forever).run(tenantId, 1, forever);
  expect([await status(), await keys()]).toEqual(["COMPLETED", [expect.any(String)]]);
  expect(await file()).toMatchObject({ status: "STORED" });
});

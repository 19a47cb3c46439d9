import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeId } from "@weft/shared/ids";
import { dueFiles, duePreviews, type FileStorage, openFileStorage, previewMaker } from "@weft/platform/files";
import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestUser, type TestWeft } from "@weft/testkit";
import { photo } from "@weft/testkit/files/photo";
import { uploadFile } from "@weft/testkit/files/upload-file";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let acme: MaintenanceTenant;
let sql: postgres.Sql;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It stops the worker." });
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await sql.end();
  await weft.stop();
});

const attach = "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }";
const remove = "mutation ($input: IdInput!) { deleteAttachment(input: $input) { id } }";
const read = `query ($id: ID!) { file(id: $id) {
  status download { url } small: preview(size: SMALL) { url width height } medium: preview { url width height } large: preview(size: LARGE) { url width height }
} }`;

interface Preview {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

interface FileFields {
  readonly status: string;
  readonly download: { readonly url: string } | null;
  readonly small: Preview | null;
  readonly medium: Preview | null;
  readonly large: Preview | null;
}

const fileOf = async (who: TestUser, id: string): Promise<FileFields> => (await who.run<{ file: FileFields }>(read, { id })).file;

const get = (url: string | undefined, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL(url ?? "", weft.url), { headers });

/** Whether a worker has processed an image. */
const isProcessed = async (id: string): Promise<boolean> =>
  (await sql`select from app.files where id = ${decodeId("file", id)} and previews is not null`).length === 1;

/** Uploads an image. Returns its ID when a worker has processed it. */
async function processed(who: TestUser, bytes: Uint8Array = photo): Promise<string> {
  const id = await uploadFile(who, { name: "photo.jpg", type: "image/jpeg", bytes });
  await until(() => isProcessed(id), { what: "the image is processed" });
  return id;
}

async function attached(
  who: TestUser,
  objectId: string,
  visibility?: "INTERNAL" | "SHARED",
): Promise<{ readonly id: string; readonly fileId: string }> {
  const fileId = await processed(who);
  const { attachFile } = await who.run<{ attachFile: { attachment: { id: string } } }>(attach, { input: { fileId, objectId, visibility } });
  return { id: attachFile.attachment.id, fileId };
}

/** Names of the files of a tenant in the storage. */
async function bytesOf({ tenant }: MaintenanceTenant): Promise<string[]> {
  const folder = join(weft.weft.services.config.files.folder, tenant.id);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe("a preview", () => {
  test("is a small WebP image that is shown inside a page", { tags: "slow" }, async () => {
    const { small, medium, large } = await fileOf(acme.requester, await processed(acme.requester));
    expect(small).toMatchObject({ width: 107, height: 160 });
    // The photo has no more pixels than that.
    expect([medium, large]).toMatchObject(Array(2).fill({ width: 200, height: 300 }));
    const response = await get(small?.url);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/webp",
      "content-length": String(bytes.byteLength),
      "content-disposition": "inline; filename=photo.jpg.webp",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox; base-uri 'none'; frame-ancestors 'none'",
      "cache-control": "private, no-cache",
    });
    expect(bytes.subarray(0, 4).toString()).toBe("RIFF");
    expect(bytes.subarray(8, 12).toString()).toBe("WEBP");
    const etags = await Promise.all([small, medium].map(async (preview) => (await get(preview?.url)).headers.get("etag") ?? ""));
    expect(new Set(etags).size).toBe(2);
    expect((await get(small?.url, { "if-none-match": etags[0] ?? "" })).status).toBe(304);
    const part = await get(small?.url, { range: "bytes=0-3" });
    expect([part.status, await part.text()]).toEqual([206, "RIFF"]);
  });

  test("does not exist for other files, and for broken images, which can still be downloaded", async () => {
    const text = await uploadFile(acme.requester, { name: "notes.txt", type: "text/plain", bytes: Buffer.from("no image") });
    expect(await fileOf(acme.requester, text)).toMatchObject({ status: "STORED", small: null, medium: null, large: null });
    const broken = await processed(acme.requester, photo.subarray(0, photo.byteLength - 300));
    const file = await fileOf(acme.requester, broken);
    expect(file).toMatchObject({ status: "STORED", small: null, medium: null, large: null });
    expect((await get(file.download?.url)).status).toBe(200);
  });

  test("does not count against the storage of the plan", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    await processed(globex.requester);
    type Answer = { tenant: { usage: { limit: string; used: number }[] } };
    const { tenant } = await globex.admin.run<Answer>("{ tenant { usage { limit used } } }");
    expect(tenant.usage.find(({ limit }) => limit === "storageBytes")?.used).toBe(photo.byteLength);
  });

  test("is shown to the users who can see the image, as long as they can", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    const request = await acme.request("assigned");
    const internal = await attached(acme.operations, request.id, "INTERNAL");
    const shared = await attached(acme.operations, request.id, "SHARED");
    for (const outsider of [acme.requester, acme.vendor.user, globex.admin])
      expect(await outsider.refusal(read, { id: internal.fileId })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(read, { id: shared.fileId })).toBe("NOT_FOUND");
    const [ofVendor, ofRequester] = await Promise.all([acme.vendor.user, acme.requester].map((who) => fileOf(who, shared.fileId)));
    expect((await get(ofVendor?.small?.url)).status).toBe(200);
    await acme.assign(request, null);
    expect((await get(ofVendor?.small?.url)).status).toBe(404);
    expect((await get(ofRequester?.small?.url)).status).toBe(200);
    await acme.operations.run(remove, { input: { id: shared.id } });
    expect((await get(ofRequester?.small?.url)).status).toBe(404);
  });

  test("has a link that ends with the session, and leads to nothing else", async () => {
    const session = await acme.requester.again();
    const { small } = await fileOf(session, await processed(session));
    expect((await get(small?.url)).status).toBe(200);
    const upload = await fetch(new URL(small?.url.replace("/files/", "/files/uploads/") ?? "", weft.url), { method: "PUT", body: "x" });
    expect(upload.status).toBe(401);
    await session.run("mutation { logout { sessionId } }");
    expect((await get(small?.url)).status).toBe(401);
  });

  test("is deleted with its image", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    const { id } = await attached(globex.operations, globex.buildingId);
    expect(await bytesOf(globex)).toHaveLength(3);
    await globex.operations.run(remove, { input: { id } });
    await until(async () => (await bytesOf(globex)).length === 0, { what: "all bytes are deleted" });
  });
});

// The worker of the installation is stopped from here on: the tests take the turns themselves.
describe("while previews are being made", () => {
  let storage: FileStorage;
  const maker = previewMaker();
  const signal = new AbortController().signal;
  const previewsOn = (on: FileStorage) => duePreviews({ ...weft.weft.services, storage: on, maker });

  beforeAll(async () => {
    await weft.weft.worker.stop();
    storage = await openFileStorage(weft.weft.services.config.files, weft.weft.services.log);
  });
  afterAll(() => maker.close());

  test("the bytes of a deleted image wait, so that no preview is left", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    const fileId = await uploadFile(globex.operations, { name: "photo.jpg", type: "image/jpeg", bytes: photo });
    const attaching = await globex.operations.run<{ attachFile: { attachment: { id: string } } }>(attach, {
      input: { fileId, objectId: globex.buildingId },
    });
    const files = dueFiles({ ...weft.weft.services, storage });
    const writing = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const slow: FileStorage = {
      ...storage,
      write: async (...written) => {
        writing.resolve();
        await gate.promise;
        return storage.write(...written);
      },
    };
    const turn = previewsOn(slow).run(globex.tenant.id, 1, signal);
    await writing.promise;
    await globex.operations.run(remove, { input: { id: attaching.attachFile.attachment.id } });
    expect(await files.run(globex.tenant.id, 10, signal)).toBe(0);
    gate.resolve();
    expect(await turn).toBe(1);
    expect(await files.run(globex.tenant.id, 10, signal)).toBe(1);
    expect(await bytesOf(globex)).toEqual([]);
    expect(await sql`select from app.files where id = ${decodeId("file", fileId)}`).toHaveLength(0);
  });

  test("a failure of the storage is not taken for a broken image: they are made later", { tags: "slow" }, async () => {
    const id = await uploadFile(acme.requester, { name: "photo.jpg", type: "image/jpeg", bytes: photo });
    let writes = 0;
    const unreliable: FileStorage = {
      ...storage,
      write: async (...written) => {
        if (++writes === 2) throw new Error("The disk is gone.");
        return storage.write(...written);
      },
    };
    const previews = previewsOn(unreliable);
    expect(await previews.run(acme.tenant.id, 1, signal)).toBe(0);
    expect(await fileOf(acme.requester, id)).toMatchObject({ status: "STORED", small: null });
    await sql`update app.files set previews_due_at = now() where id = ${decodeId("file", id)}`;
    expect(await previews.run(acme.tenant.id, 1, signal)).toBe(1);
    const { small, medium } = await fileOf(acme.requester, id);
    expect(await Promise.all([small, medium].map(async (preview) => (await get(preview?.url)).status))).toEqual([200, 200]);
  });

  test(
    "images of a suspended tenant get their previews when the tenant is active again, but what is deleted is deleted at once",
    { tags: "slow" },
    async () => {
      const globex = await aMaintenanceTenant(weft);
      const id = await uploadFile(globex.operations, { name: "photo.jpg", type: "image/jpeg", bytes: photo });
      await sql`update app.files set due_at = now() where id = ${decodeId("file", id)}`;
      const sources = [dueFiles({ ...weft.weft.services, storage }), previewsOn(storage)];
      const isFound = () =>
        weft.weft.services.databases.worker.begin(async (tx) => {
          const found: boolean[] = [];
          for (const source of sources) found.push((await source.find(tx, 1_000)).tenants.includes(globex.tenant.id));
          return found;
        });
      expect(await isFound()).toEqual([true, true]);
      await sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${globex.tenant.id}`;
      expect(await isFound()).toEqual([true, false]);
      await sql`update identity.tenants set status = 'ACTIVE' where tenant_id = ${globex.tenant.id}`;
      expect(await isFound()).toEqual([true, true]);
    },
  );
});

import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestUser, type TestWeft } from "@weft/testkit";
import { decodeId, encodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { liveFields } from "@weft/api/live";
import { until } from "@weft/testkit/until";
import { sql as sqlText } from "drizzle-orm";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let acme: MaintenanceTenant;
let sql: postgres.Sql;

beforeAll(async () => {
  weft = await startTestWeft({ settings: { LIMIT_FILE_BYTES: 1_000_000 } });
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});

afterAll(async () => {
  await sql.end();
  await weft.stop();
});

/** The smallest PNG: one transparent pixel. */
const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");

const create = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id name size type status } url expiresAt } }`;
const attach = `mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id visibility file { id status } } } }`;
const remove = `mutation ($input: IdInput!) { deleteAttachment(input: $input) { id } }`;
const readFile = `query ($id: ID!) { file(id: $id) { id name size type sha256 status reason download { url } image { url } } }`;
const readRequest = `query ($id: ID!) { request(id: $id) { attachments { totalCount edges { node { id visibility file { name } } } } } }`;

interface Upload {
  readonly file: { readonly id: string; readonly status: string };
  readonly url: string;
}

interface FileFields {
  readonly type: string;
  readonly status: string;
  readonly sha256: string;
  readonly reason: string | null;
  readonly download: { readonly url: string } | null;
  readonly image: { readonly url: string } | null;
}

async function upload(who: TestUser, input: Record<string, unknown>): Promise<Upload> {
  return (await who.run<{ createUpload: Upload }>(create, { input })).createUpload;
}

const put = (url: string, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL(url, weft.url), { method: "PUT", body: Uint8Array.from(Buffer.from(body)), headers });

const get = (url: string, headers: Record<string, string> = {}): Promise<Response> => fetch(new URL(url, weft.url), { headers });

/** Uploads a file. Returns its ID. */
async function stored(who: TestUser, name = "photo.png", bytes: Uint8Array = png, type = "image/png"): Promise<string> {
  const { file, url } = await upload(who, { name, size: bytes.byteLength, type });
  const response = await put(url, bytes);
  expect(response.status, await response.clone().text()).toBe(200);
  return file.id;
}

async function fileOf(who: TestUser, id: string): Promise<FileFields> {
  return (await who.run<{ file: FileFields }>(readFile, { id })).file;
}

const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

async function attached(
  who: TestUser,
  objectId: string,
  visibility?: "INTERNAL" | "SHARED",
  name = "photo.png",
): Promise<{ id: string; fileId: string }> {
  const fileId = await stored(who, name);
  const { attachFile } = await who.run<{ attachFile: { attachment: { id: string } } }>(attach, { input: { fileId, objectId, visibility } });
  return { id: attachFile.attachment.id, fileId };
}

async function namesOn(who: TestUser, id: string): Promise<string[]> {
  type Answer = { request: { attachments: { totalCount: number; edges: { node: { file: { name: string } } }[] } } };
  const { attachments } = (await who.run<Answer>(readRequest, { id })).request;
  expect(attachments.totalCount).toBe(attachments.edges.length);
  return attachments.edges.map(({ node }) => node.file.name);
}

/** Names of the files of a tenant in the storage. */
async function bytesOf({ tenant }: MaintenanceTenant): Promise<string[]> {
  const entries = await readdir(join(weft.weft.services.config.files.folder, tenant.id), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Names of the files of a tenant in the storage, without previews. */
const originalsOf = async (of: MaintenanceTenant): Promise<string[]> => (await bytesOf(of)).filter((name) => /\.\d+$/.test(name));

async function usedStorage({ admin }: MaintenanceTenant): Promise<number> {
  type Answer = { tenant: { usage: { limit: string; used: number }[] } };
  const { tenant } = await admin.run<Answer>("{ tenant { usage { limit used } } }");
  return tenant.usage.find(({ limit }) => limit === "storageBytes")?.used ?? Number.NaN;
}

describe("an upload", () => {
  test("is sent to its link, and can then be downloaded", async () => {
    const { file, url } = await upload(acme.requester, { name: "Büro '3'.png", size: png.byteLength, type: "image/png" });
    expect(file).toMatchObject({ status: "PENDING", type: null });
    const response = await put(url, png);
    expect(await response.json()).toMatchObject({ id: file.id, status: "STORED", size: png.byteLength });
    const found = await fileOf(acme.requester, file.id);
    expect(found).toMatchObject({ status: "STORED", type: "image/png", sha256: createHash("sha256").update(png).digest("hex") });
    const download = await get(found.download?.url ?? "");
    expect(download.status).toBe(200);
    expect(Object.fromEntries(download.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": String(png.byteLength),
      "content-disposition": `attachment; filename="B?ro '3'.png"; filename*=UTF-8''B%C3%BCro%20%273%27.png`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox; base-uri 'none'; frame-ancestors 'none'",
      "cache-control": "private, no-cache",
    });
    expect(Buffer.from(await download.arrayBuffer())).toEqual(png);
    const image = await get(found.image?.url ?? "");
    expect(image.headers.get("content-disposition")).toMatch(/^inline;/);
  });

  test("is served in ranges, and not again to a browser that has it", async () => {
    const bytes = Buffer.from("0123456789");
    const id = await stored(acme.requester, "digits.txt", bytes, "text/plain");
    const url = (await fileOf(acme.requester, id)).download?.url ?? "";
    const part = await get(url, { range: "bytes=2-4" });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await (await get(url, { range: "bytes=-3" })).text()).toBe("789");
    expect(await (await get(url, { range: "bytes=7-" })).text()).toBe("789");
    const beyond = await get(url, { range: "bytes=10-" });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    const etag = (await get(url)).headers.get("etag") ?? "";
    expect((await get(url, { "if-none-match": etag })).status).toBe(304);
    expect((await get(url, { range: "bytes=2-4", "if-range": '"other"' })).status).toBe(200);
    const head = await fetch(new URL(url, weft.url), { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
  });

  test.each([
    ["a script in a picture's clothes", "photo.png", "image/png", Buffer.from("<script>alert(1)</script>")],
    ["a PNG that is called a PDF", "invoice.pdf", "application/pdf", png],
    ["a text with the extension of a script", "report.bat", "text/plain", Buffer.from("del /q C:\\data")],
    ["a PNG with the extension of a PDF, without a declared type", "invoice.pdf", undefined, png],
    ["binary content that is called text", "notes.txt", "text/plain", Buffer.from([1, 0, 2, 0xff, 0xfe, 0xfd])],
    [
      "a program without a declared type",
      "tool",
      undefined,
      Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"), Buffer.alloc(100)]),
    ],
    [
      "a drawing with scripts, without a declared type",
      "plan.svg",
      undefined,
      Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    ],
  ])("of %s is rejected, and leaves no byte", async (_what, name, type, bytes) => {
    const globex = await aMaintenanceTenant(weft);
    const { file, url } = await upload(globex.requester, { name, size: bytes.byteLength, type });
    const response = await put(url, bytes);
    expect(response.status).toBe(422);
    expect(await codeOf(response)).toBe("UPLOAD_REJECTED");
    expect(await fileOf(globex.requester, file.id)).toMatchObject({
      status: "REJECTED",
      reason: expect.any(String) as string,
      download: null,
    });
    expect(await bytesOf(globex)).toEqual([]);
    expect(await usedStorage(globex)).toBe(0);
    expect((await put(url, png)).status).toBe(404);
  });

  test("of types that can contain scripts is refused before it begins", async () => {
    for (const type of ["image/svg+xml", "text/html", "application/xhtml+xml", "application/javascript"]) {
      const error = await acme.requester.refused(create, { input: { name: "page", size: 10, type } });
      expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.type" }] });
    }
  });

  test("must have the announced size and checksum, and can be sent again if it has not", async () => {
    const sha256 = createHash("sha256").update(png).digest("hex");
    const { file, url } = await upload(acme.requester, { name: "photo.png", size: png.byteLength, type: "image/png", sha256 });
    const changed = Buffer.from(png);
    changed[png.byteLength - 1] = 0;
    for (const wrong of [png.subarray(0, 40), Buffer.concat([png, png]), changed]) {
      const response = await put(url, wrong);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UPLOAD_REJECTED", isFinal: false } }] });
    }
    expect((await put(url, png)).status).toBe(200);
    expect(await fileOf(acme.requester, file.id)).toMatchObject({ status: "STORED" });
    expect((await put(url, png)).status).toBe(404);
  });

  test("that is cut half-way leaves nothing, and can be sent again", async () => {
    const globex = await aMaintenanceTenant(weft);
    const bytes = Buffer.alloc(900_000, "text ");
    const { file, url } = await upload(globex.requester, { name: "long.txt", size: bytes.byteLength, type: "text/plain" });
    const cut = httpRequest(new URL(url, weft.url), { method: "PUT", headers: { "content-length": bytes.byteLength } });
    cut.on("error", () => undefined);
    cut.write(bytes.subarray(0, 500_000));
    await until(async () => (await bytesOf(globex)).length === 1, { what: "the first bytes are in the storage" });
    cut.destroy();
    await until(async () => (await bytesOf(globex)).length === 0, { what: "the bytes of the cut upload are gone" });
    expect(await fileOf(globex.requester, file.id)).toMatchObject({ status: "PENDING" });
    expect((await put(url, bytes)).status).toBe(200);
    expect(await bytesOf(globex)).toHaveLength(1);
  });

  test("of which two transfers run at once is stored once, by the later one", async () => {
    const { file, url } = await upload(acme.requester, { name: "a.txt", size: 200_000, type: "text/plain" });
    const first = httpRequest(new URL(url, weft.url), { method: "PUT", headers: { "content-length": 200_000 } });
    const answer = new Promise<number>((resolve) => first.on("response", (response) => resolve(response.statusCode ?? 0)));
    first.write(Buffer.alloc(150_000, "a"));
    await until(async () => (await bytesOf(acme)).some((name) => name.endsWith(".part")), { what: "the first transfer has begun" });
    expect((await put(url, Buffer.alloc(200_000, "b"))).status).toBe(200);
    first.end(Buffer.alloc(50_000, "a"));
    expect(await answer).toBeGreaterThanOrEqual(409);
    const found = await fileOf(acme.requester, file.id);
    expect(found.sha256).toBe(createHash("sha256").update(Buffer.alloc(200_000, "b")).digest("hex"));
    expect(await (await get(found.download?.url ?? "")).text()).toMatch(/^b+$/);
  });

  test("reports every problem of its input", async () => {
    const error = await acme.requester.refused(create, { input: { name: "../x", size: 1_000_001, type: "a/b", sha256: "abc" } });
    expect(((error.extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path)).toEqual([
      "input.name",
      "input.size",
      "input.type",
      "input.sha256",
    ]);
  });

  test("reserves its storage, and gets no more than the plan has", async () => {
    const globex = await aMaintenanceTenant(weft);
    await sql`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
      values (${globex.tenant.id}, 'CONTRACT', ${globex.tenant.id}, 1, ${sql.json({ limits: { storageBytes: 1_000 } })}, ${globex.tenant.id}, 'Agreed.')`;
    await upload(globex.requester, { name: "a.txt", size: 600, type: "text/plain" });
    expect(await usedStorage(globex)).toBe(600);
    const error = await globex.requester.refused(create, { input: { name: "b.txt", size: 401, type: "text/plain" } });
    expect(error.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "storageBytes", used: 600, allowed: 1_000 });
    await upload(globex.requester, { name: "c.txt", size: 400, type: "text/plain" });
  });
});

describe("a link", () => {
  test("works only for its purpose, and not once it is changed", async () => {
    const { url } = await upload(acme.requester, { name: "photo.png", size: png.byteLength, type: "image/png" });
    expect((await get(url.replace("/uploads", ""))).status).toBe(401);
    expect((await put(`${url.slice(0, -1)}${url.endsWith("A") ? "B" : "A"}`, png)).status).toBe(401);
    const id = await stored(acme.requester);
    const { download } = await fileOf(acme.requester, id);
    expect((await put(download?.url.replace("/files/", "/files/uploads/") ?? "", png)).status).toBe(401);
  });

  test("ends with the session of the user who asked for it", async () => {
    const session = await acme.requester.again();
    const id = await stored(session);
    const url = (await fileOf(session, id)).download?.url ?? "";
    expect((await get(url)).status).toBe(200);
    await session.run("mutation { logout { sessionId } }");
    expect((await get(url)).status).toBe(401);
  });

  test("ends with the right to see the object", async () => {
    const request = await acme.request("assigned");
    const { fileId } = await attached(acme.operations, request.id, "SHARED");
    const url = (await fileOf(acme.vendor.user, fileId)).download?.url ?? "";
    expect((await get(url)).status).toBe(200);
    await acme.assign(request, null);
    expect((await get(url)).status).toBe(404);
  });
});

describe("an attachment", () => {
  test("that is internal is hidden from requester and vendor; a shared one is not", { tags: "slow" }, async () => {
    const request = await acme.request("assigned");
    const internal = await attached(acme.operations, request.id, undefined, "internal.png");
    await attached(acme.operations, request.id, "SHARED", "shared.png");
    await attached(acme.requester, request.id, undefined, "requester.png");
    await attached(acme.vendor.user, request.id, undefined, "vendor.png");
    const shared = ["vendor.png", "requester.png", "shared.png"];
    expect(await namesOn(acme.operations, request.id)).toEqual([...shared, "internal.png"]);
    expect(await namesOn(acme.requester, request.id)).toEqual(shared);
    expect(await namesOn(acme.vendor.user, request.id)).toEqual(shared);
    for (const outsider of [acme.requester, acme.vendor.user]) {
      expect(await outsider.refusal(readFile, { id: internal.fileId })).toBe("NOT_FOUND");
      expect(await outsider.refusal(remove, { input: { id: internal.id } })).toMatch(/NOT_FOUND|FORBIDDEN/);
      const fileId = await stored(outsider);
      const error = await outsider.refused(attach, { input: { fileId, objectId: request.id, visibility: "INTERNAL" } });
      expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.visibility" }] });
    }
  });

  test(
    "has events when it is created and deleted, and the database hides those of internal ones from users of the vendor",
    { tags: "slow" },
    async () => {
      const request = await acme.request("assigned");
      const shared = await attached(acme.operations, request.id, "SHARED");
      const internal = await attached(acme.operations, request.id, "INTERNAL");
      for (const { id } of [shared, internal]) await acme.operations.run(remove, { input: { id } });
      type Row = { type: string; id: string; audience: string };
      const eventsFor = async (context: { userId?: string; vendorId?: string }): Promise<string[]> => {
        const who = { tenantId: acme.tenant.id, ...context };
        const rows = await asTenant(weft.weft.services.databases.app, who, "read", (tx) =>
          tx.execute<Row>(sqlText`select type, subject_id as id, payload->>'audience' as audience from events.log
          where type like 'attachment.%' and related->>'request' = ${decodeId("request", request.id)} order by id`),
        );
        return rows.map(({ type, id, audience }) => `${encodeId("attachment", id)} ${type} ${audience}`);
      };
      const ofShared = ["created", "deleted"].map((verb) => `${shared.id} attachment.${verb} PUBLIC`);
      const ofInternal = ["created", "deleted"].map((verb) => `${internal.id} attachment.${verb} INTERNAL`);
      expect((await eventsFor({})).toSorted()).toEqual([...ofShared, ...ofInternal].toSorted());
      const vendor = { userId: decodeId("user", acme.vendor.user.id), vendorId: decodeId("vendor", acme.vendor.id) };
      expect((await eventsFor(vendor)).toSorted()).toEqual(ofShared.toSorted());
    },
  );

  test("has no events that subscriptions deliver: they would have to hide those of internal ones from requesters", () => {
    const delivered = Object.values(liveFields).flatMap(({ eventTypes }) => eventTypes as readonly string[]);
    expect(delivered).not.toEqual([]);
    expect(delivered.filter((type) => type.startsWith("attachment."))).toEqual([]);
  });

  test("is deleted by its uploader; the last one takes the bytes with it, and leaves an audit entry", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    const request = await globex.request("triage");
    const { id, fileId } = await attached(globex.requester, request.id);
    const { attachFile } = await globex.operations.run<{ attachFile: { attachment: { id: string } } }>(attach, {
      input: { fileId, objectId: globex.assetId },
    });
    const other = await attached(globex.operations, request.id, "SHARED");
    expect(await globex.requester.refusal(remove, { input: { id: other.id } })).toBe("NOT_FOUND");
    await globex.requester.run(remove, { input: { id } });
    await weft.weft.worker.idle();
    expect(await originalsOf(globex)).toHaveLength(2);
    await globex.operations.run(remove, { input: { id: attachFile.attachment.id } });
    await globex.operations.run(remove, { input: { id: other.id } });
    await until(async () => (await bytesOf(globex)).length === 0, { what: "the bytes are deleted" });
    expect(await usedStorage(globex)).toBe(0);
    const entries = await sql`
      select action from audit.entries where tenant_id = ${globex.tenant.id} and entity_type = 'file' and action = 'file.delete'`;
    expect(entries).toHaveLength(2);
  });

  test("needs a file whose bytes are there, and an object that the user can see", async () => {
    const request = await acme.request("triage");
    const { file } = await upload(acme.operations, { name: "a.txt", size: 3, type: "text/plain" });
    const pending = await acme.operations.refused(attach, { input: { fileId: file.id, objectId: request.id } });
    expect(pending.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.fileId" }] });
    const stranger = await acme.tenant.user("requester");
    const fileId = await stored(stranger);
    expect(await stranger.refusal(attach, { input: { fileId, objectId: request.id } })).toBe("NOT_FOUND");
    const foreign = await acme.operations.refused(attach, { input: { fileId, objectId: request.id } });
    expect(foreign.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.fileId" }] });
  });
});

test("files that are never attached, and uploads that are never sent, expire and leave no byte", { tags: "slow" }, async () => {
  const globex = await aMaintenanceTenant(weft);
  const id = await stored(globex.requester);
  const { file } = await upload(globex.requester, { name: "never.txt", size: 100, type: "text/plain" });
  const kept = await attached(globex.operations, globex.buildingId);
  await sql`update app.files set due_at = now() where tenant_id = ${globex.tenant.id} and due_at is not null`;
  await until(async () => (await originalsOf(globex)).length === 1, { what: "the bytes are deleted" });
  expect(await globex.requester.refusal(readFile, { id })).toBe("NOT_FOUND");
  expect(await globex.requester.refusal(readFile, { id: file.id })).toBe("NOT_FOUND");
  expect(await fileOf(globex.operations, kept.fileId)).toMatchObject({ status: "STORED" });
  await until(async () => (await usedStorage(globex)) === png.byteLength, { what: "the storage is released" });
});

describe("another tenant", () => {
  test("neither reads, attaches, nor deletes a file", async () => {
    const globex = await aMaintenanceTenant(weft);
    const { id, fileId } = await attached(acme.operations, acme.buildingId);
    expect(await globex.admin.refusal(readFile, { id: fileId })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    const attaching = await globex.admin.refused(attach, { input: { fileId, objectId: globex.buildingId } });
    expect(attaching.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.fileId" }] });
    const own = await stored(globex.admin);
    expect(await globex.admin.refusal(attach, { input: { fileId: own, objectId: acme.buildingId } })).toBe("NOT_FOUND");
  });
});

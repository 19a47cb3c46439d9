import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestUser, type TestWeft } from "@weft/testkit";
import { type S3Server, startS3Server } from "@weft/testkit/files/s3-server";
import { photo } from "@weft/testkit/files/photo";
import { uploadFile } from "@weft/testkit/files/upload-file";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// Files of an installation whose storage is a bucket.

let folder: string;
let server: S3Server;
let weft: TestWeft;
let sql: postgres.Sql;
let acme: MaintenanceTenant;

const settingsOf = ({ bucket, endpoint, region, credentials }: S3Server) => ({
  S3_BUCKET: bucket,
  S3_ENDPOINT: endpoint,
  S3_REGION: region,
  S3_ACCESS_KEY_ID: credentials.accessKeyId,
  S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-s3-"));
  server = await startS3Server(folder);
  weft = await startTestWeft({ settings: settingsOf(server) });
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await sql.end();
  await weft.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const create = "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }";
const read = "query ($id: ID!) { file(id: $id) { status download { url } } }";

interface Upload {
  readonly file: { readonly id: string };
  readonly url: string;
}

async function upload(who: TestUser, size: number): Promise<Upload> {
  const input = { name: "notes.txt", size, type: "text/plain" };
  return (await who.run<{ createUpload: Upload }>(create, { input })).createUpload;
}

const put = (url: string, body: string): Promise<Response> => fetch(new URL(url, weft.url), { method: "PUT", body });

/** Names of the objects that belong to a file. */
const objectsOf = async ({ file }: Upload): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => name.includes(decodeId("file", file.id)));

test("an upload is stored in the bucket, and downloaded from it, as a whole and in part", async () => {
  const text = "in the bucket ".repeat(20_000);
  const one = await upload(acme.requester, text.length);
  expect((await put(one.url, text)).status).toBe(200);
  expect(await objectsOf(one)).not.toEqual([]);
  const { file } = await acme.requester.run<{ file: { status: string; download: { url: string } } }>(read, { id: one.file.id });
  expect(file.status).toBe("STORED");
  const url = new URL(file.download.url, weft.url);
  expect(await (await fetch(url)).text()).toBe(text);
  const part = await fetch(url, { headers: { range: "bytes=3-5" } });
  expect([part.status, await part.text()]).toEqual([206, text.slice(3, 6)]);
});

test("an upload that is cut half-way or rejected leaves no object", async () => {
  const text = "text ".repeat(100_000);
  const one = await upload(acme.requester, text.length);
  const cut = httpRequest(new URL(one.url, weft.url), { method: "PUT", headers: { "content-length": text.length } });
  cut.on("error", () => undefined);
  cut.write(text.slice(0, 200_000));
  await until(async () => (await objectsOf(one)).length > 0, { what: "the first bytes are in the bucket" });
  cut.destroy();
  await until(async () => (await objectsOf(one)).length === 0, { what: "the object is gone" });
  expect((await put(one.url, text)).status).toBe(200);
  const other = await upload(acme.requester, 200_000);
  expect((await put(other.url, `%PDF-1.7 ${"x".repeat(199_991)}`)).status).toBe(422);
  await until(async () => (await objectsOf(other)).length === 0, { what: "nothing of the rejected file is in the bucket" });
});

test("while the bucket cannot be reached, uploads and downloads fail, and can be repeated", async () => {
  const kept = await upload(acme.requester, 4);
  expect((await put(kept.url, "kept")).status).toBe(200);
  const { file } = await acme.requester.run<{ file: { download: { url: string } } }>(read, { id: kept.file.id });
  const port = Number(new URL(server.endpoint).port);
  await server.stop();
  const late = await upload(acme.requester, 4);
  expect((await put(late.url, "late")).status).toBe(503);
  type Ready = { status: string; parts: Record<string, { isHealthy: boolean }> };
  const ready = (await (await fetch(new URL("/health/ready", weft.url))).json()) as Ready;
  expect([ready.status, ready.parts["file storage"]?.isHealthy]).toEqual(["degraded", false]);
  expect((await fetch(new URL(file.download.url, weft.url))).status).toBe(503);
  server = await startS3Server(folder, port);
  expect((await put(late.url, "late")).status).toBe(200);
  expect(await (await fetch(new URL(file.download.url, weft.url))).text()).toBe("kept");
});

test("metrics count uploads by their result, and the bytes of stored ones", async () => {
  const metric = async (name: string): Promise<number> => {
    const lines = (await (await fetch(new URL("/metrics", weft.url))).text()).split("\n");
    return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length) ?? 0);
  };
  const names = ['weft_uploads_total{result="stored"}', 'weft_uploads_total{result="rejected"}', "weft_upload_bytes_total"];
  const before = await Promise.all(names.map(metric));
  expect((await put((await upload(acme.requester, 4)).url, "text")).status).toBe(200);
  expect((await put((await upload(acme.requester, 4)).url, "too long")).status).toBe(422);
  const after = await Promise.all(names.map(metric));
  expect(after.map((value, at) => value - (before[at] ?? 0))).toEqual([1, 1, 4]);
  expect(await metric("weft_uploads_running")).toBe(0);
});

test("an expired file leaves no object", { tags: "slow" }, async () => {
  const one = await upload(acme.requester, 4);
  expect((await put(one.url, "text")).status).toBe(200);
  await sql`update app.files set due_at = now() where id = ${decodeId("file", one.file.id)}`;
  await until(async () => (await objectsOf(one)).length === 0, { what: "the object is deleted" });
  expect(await acme.requester.refusal(read, { id: one.file.id })).toBe("NOT_FOUND");
});

test("previews of an image are in the bucket, and an expired image leaves none", { tags: "slow" }, async () => {
  const id = await uploadFile(acme.requester, { name: "photo.jpg", type: "image/jpeg", bytes: photo });
  type Answer = { file: { preview: { url: string } | null } };
  const previewOf = async () =>
    (await acme.requester.run<Answer>("query ($id: ID!) { file(id: $id) { preview(size: SMALL) { url } } }", { id })).file.preview;
  await until(async () => (await previewOf()) !== null, { what: "the image has a preview" });
  const response = await fetch(new URL((await previewOf())?.url ?? "", weft.url));
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/webp"]);
  expect((await response.arrayBuffer()).byteLength).toBe(Number(response.headers.get("content-length")));
  const one: Upload = { file: { id }, url: "" };
  expect((await objectsOf(one)).filter((name) => name.includes(".small"))).not.toEqual([]);
  await sql`update app.files set due_at = now() where id = ${decodeId("file", id)}`;
  await until(async () => (await objectsOf(one)).length === 0, { what: "all objects are deleted" });
});

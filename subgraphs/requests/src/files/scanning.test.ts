import { type ClamdServer, eicar, startClamdServer } from "@weft/testkit/files/clamd-server";
import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestWeft } from "@weft/testkit";
import { photo } from "@weft/testkit/files/photo";
import { uploadFile } from "@weft/testkit/files/upload-file";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let clamd: ClamdServer;
let weft: TestWeft;
let acme: MaintenanceTenant;
let sql: postgres.Sql;

beforeAll(async () => {
  clamd = await startClamdServer();
  weft = await startTestWeft({ settings: { CLAMD_URL: clamd.url } });
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await sql.end();
  await weft.stop();
  await clamd.stop();
});

const create = "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }";
const attach = "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }";
const read = "query ($id: ID!) { file(id: $id) { status reason download { url } } }";

interface FileFields {
  readonly status: string;
  readonly reason: string | null;
  readonly download: { readonly url: string } | null;
}

const fileOf = async (id: string): Promise<FileFields> => (await acme.operations.run<{ file: FileFields }>(read, { id })).file;

/** Sends a text file. Returns its ID, and its status in the answer. */
async function send(text: string): Promise<{ id: string; status: string }> {
  const input = { name: "notes.txt", size: Buffer.byteLength(text), type: "text/plain" };
  const { createUpload } = await acme.operations.run<{ createUpload: { file: { id: string }; url: string } }>(create, { input });
  const response = await fetch(new URL(createUpload.url, weft.url), { method: "PUT", body: text });
  return { id: createUpload.file.id, status: ((await response.json()) as { status: string }).status };
}

const untilStatus = (id: string, status: string): Promise<unknown> =>
  until(async () => (await fileOf(id)).status === status, { what: `the file has the status ${status}` });

const health = async (): Promise<unknown> => (await fetch(new URL("/health/ready", weft.url))).json();

test("a file is available when it has been scanned", async () => {
  const { id, status } = await send("nothing special");
  expect(status).toBe("SCANNING");
  await untilStatus(id, "STORED");
  const { download } = await fileOf(id);
  expect(await (await fetch(new URL(download?.url ?? "", weft.url))).text()).toBe("nothing special");
});

test("an image has previews when it has been scanned", { tags: "slow" }, async () => {
  const id = await uploadFile(acme.operations, { name: "photo.jpg", type: "image/jpeg", bytes: photo });
  type Answer = { file: { preview: { width: number } | null } };
  const previewOf = async () =>
    (await acme.operations.run<Answer>("query ($id: ID!) { file(id: $id) { preview { width } } }", { id })).file;
  await until(async () => (await previewOf()).preview?.width === 200, { what: "the image has a preview" });
  expect((await fileOf(id)).status).toBe("STORED");
});

test("a file with malware is rejected, and its bytes are deleted", async () => {
  const { id } = await send(eicar);
  await untilStatus(id, "REJECTED");
  expect(await fileOf(id)).toMatchObject({ reason: "The file contains malware (Eicar-Signature).", download: null });
});

test("a file with malware is rejected, even if its first rejection is not committed", async () => {
  await sql.unsafe(`
    create sequence public.refused_rejections;
    create function public.refuse_rejection() returns trigger language plpgsql as $$ begin
      perform nextval('public.refused_rejections');
      raise exception 'the server is stopped' using errcode = '57P01';
    end $$;
    grant usage on sequence public.refused_rejections to public;
    create trigger refuse_rejection before update on app.files for each row when (new.status = 'REJECTED') execute function public.refuse_rejection()`);
  const { id } = await send(eicar);
  const wasRefused = async () =>
    (await sql<{ is_called: boolean }[]>`select is_called from public.refused_rejections`)[0]?.is_called === true;
  await until(wasRefused, { what: "a rejection was refused" });
  await sql.unsafe(
    "drop trigger refuse_rejection on app.files; drop function public.refuse_rejection(); drop sequence public.refused_rejections",
  );
  await until(
    async () => {
      await sql`update app.files set due_at = now() where status = 'SCANNING' and due_at > now() + interval '1 second'`;
      return (await fileOf(id)).status === "REJECTED";
    },
    { what: "the file is rejected at the next attempt" },
  );
});

test("while the scanner is down, files can be sent and attached, but not downloaded; then they are scanned", { tags: "slow" }, async () => {
  const port = Number(new URL(clamd.url).port);
  await clamd.stop();
  const clean = await send("waiting");
  const infected = await send(`waiting ${eicar}`);
  for (const { id } of [clean, infected]) await acme.operations.run(attach, { input: { fileId: id, objectId: acme.buildingId } });
  const dueAt = async () =>
    (
      await sql<{ due: boolean }[]>`select bool_and(due_at > now() + interval '1 second') as due from app.files where status = 'SCANNING'`
    )[0];
  await until(async () => (await dueAt())?.due === true, { what: "a scan of both files was tried in vain" });
  for (const { id } of [clean, infected]) expect(await fileOf(id)).toMatchObject({ status: "SCANNING", download: null });
  expect(await health()).toMatchObject({ status: "degraded", parts: { "malware scanner": { isHealthy: false } } });
  clamd = await startClamdServer({ port });
  expect(await health()).toMatchObject({ parts: { "malware scanner": { isHealthy: true } } });
  await sql`update app.files set due_at = now() where status = 'SCANNING'`;
  await untilStatus(clean.id, "STORED");
  await untilStatus(infected.id, "REJECTED");
  // The attachment shows why there is no content, until it is deleted.
  await sql`update app.files set due_at = now() where status = 'REJECTED'`;
  const settled = async () => (await sql`select from app.files where status = 'REJECTED' and due_at is not null`).length === 0;
  await until(settled, { what: "the rejected files are settled" });
  expect(await fileOf(infected.id)).toMatchObject({ status: "REJECTED" });
});

test("if the scanner dies in the middle of a scan, the file stays unavailable and is scanned again", async () => {
  const port = Number(new URL(clamd.url).port);
  await clamd.stop();
  clamd = await startClamdServer({ port, diesAfterBytes: 100_000 });
  const text = "a long text ".repeat(20_000);
  const { id } = await send(text);
  const tried = async () =>
    (
      await sql`select from app.files where status = 'SCANNING' and due_at between now() + interval '1 second' and now() + interval '1 minute'`
    ).length === 1;
  await until(tried, { what: "a scan was tried in vain" });
  expect(clamd.scanned).toEqual([]);
  expect(await fileOf(id)).toMatchObject({ status: "SCANNING", download: null });
  await clamd.stop();
  clamd = await startClamdServer({ port });
  await sql`update app.files set due_at = now() where status = 'SCANNING'`;
  await untilStatus(id, "STORED");
  expect(clamd.scanned).toEqual([text.length]);
});

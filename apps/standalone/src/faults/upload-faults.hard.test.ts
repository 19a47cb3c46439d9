import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { TestUser, until } from "@weft/testkit";
import { sendImage } from "@weft/testkit/files/send-image";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// F18 for uploads, and kill -9 during an upload. The server child runs alone, on a database that outlives it.

const create = "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }";
const read = "query ($id: ID!) { file(id: $id) { status size download { url } } }";
const size = 8_000_000;

interface Upload {
  readonly file: { readonly id: string };
  readonly url: string;
}

let database: OwnPostgres;
let ownerUrl: string;
let sql: postgres.Sql;
let weft: StandaloneProcess;
let rita: TestUser;

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  rita = await login(weft);
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
}, 120_000);

const login = ({ url }: StandaloneProcess): Promise<TestUser> =>
  TestUser.login(url, "requester@globex.com", demoPassword("requester@globex.com"));

async function upload(user: TestUser, bytes = size): Promise<Upload> {
  const input = { name: "photo.png", size: bytes, type: "image/png" };
  return (await user.run<{ createUpload: Upload }>(create, { input })).createUpload;
}

const fileOf = async (user: TestUser, { file }: Upload) =>
  (await user.run<{ file: { status: string; download: { url: string } | null } }>(read, { id: file.id })).file;

/** Names of the files in a directory of uploads that belong to the upload. */
function bytesOf(folder: string, { file }: Upload): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.includes(decodeId("file", file.id)));
}

async function downloaded(user: TestUser, one: Upload): Promise<number> {
  const { download } = await fileOf(user, one);
  return (await (await fetch(new URL(download?.url ?? "", user.url))).arrayBuffer()).byteLength;
}

describe("kill -9", () => {
  const folder = (): string => join(weft.env["WEFT_DATA_DIR"] ?? "", "files");

  const kills = [
    { where: "while bytes are received", points: null },
    { where: "when the bytes are stored, before the transaction", points: "app.completeAttempt:1" },
    { where: "before the commit", points: "app.completeAttempt>app.commit:1" },
  ];
  test.each(drawn(kills, { of: 6 }))(
    "$where: the same link takes the bytes again, and nothing else remains",
    { timeout: 180_000 },
    async ({ points }) => {
      const one = await upload(rita);
      const url = new URL(one.url, weft.url);
      if (points !== null) weft.arm(points);
      const killed = (): Promise<void> =>
        points === null
          ? until(() => bytesOf(folder(), one).length === 1, { what: "the first bytes are on the disk" }).then(
              () => void process.kill(weft.pid(), "SIGKILL"),
            )
          : Promise.resolve();
      await expect(sendImage(url, { size, afterFirstChunk: killed })).rejects.toThrow();
      await weft.ended();
      expect(bytesOf(folder(), one)).toHaveLength(1);
      await weft.start();
      expect(await fileOf(rita, one)).toMatchObject({ status: "PENDING", download: null });
      expect(await sendImage(url, { size })).toMatchObject({ status: 200 });
      expect(await fileOf(rita, one)).toMatchObject({ status: "STORED", size });
      expect(await downloaded(rita, one)).toBe(size);
      expect(bytesOf(folder(), one)).toHaveLength(1);
      await sql`update app.files set due_at = now() where id = ${decodeId("file", one.file.id)}`;
      await until(() => bytesOf(folder(), one).length === 0, { what: "the expired file is deleted", deadlineMs: 60_000 });
    },
  );

  test("after the commit, before the answer: the file is stored", { timeout: 180_000 }, async () => {
    const one = await upload(rita);
    weft.arm("app.completeAttempt>app.committed:1");
    await expect(sendImage(new URL(one.url, weft.url), { size })).rejects.toThrow();
    await weft.ended();
    await weft.start();
    expect(await fileOf(rita, one)).toMatchObject({ status: "STORED", size });
    expect(await downloaded(rita, one)).toBe(size);
    expect(bytesOf(folder(), one)).toHaveLength(1);
  });

  test("before an upload is sent again: what was received expires, and leaves no byte", { timeout: 180_000 }, async () => {
    const one = await upload(rita);
    weft.arm("app.completeAttempt:1");
    await expect(sendImage(new URL(one.url, weft.url), { size })).rejects.toThrow();
    await weft.ended();
    await weft.start();
    expect(bytesOf(folder(), one)).toHaveLength(1);
    await sql`update app.files set due_at = now() where id = ${decodeId("file", one.file.id)}`;
    await until(() => bytesOf(folder(), one).length === 0, { what: "the bytes are deleted", deadlineMs: 60_000 });
    expect(await rita.refusal(read, { id: one.file.id })).toBe("NOT_FOUND");
  });
});

/** A file system of a few megabytes for one process: a mount in a namespace of its own, which needs no privileges. */
const small = (folder: string): string[] => [
  "unshare",
  "--user",
  "--map-root-user",
  "--mount",
  "--",
  "sh",
  "-c",
  `mount -t tmpfs -o size=20m tmpfs '${folder}' && exec "$@"`,
  "sh",
];

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "weft-mount-"));
  try {
    const [command = "", ...args] = small(folder);
    execFileSync(command, [...args, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.skipIf(!canMount())(
  "F18: on a full disk uploads are refused and leave nothing, downloads work, and uploads work again when there is space",
  { timeout: 180_000 },
  async () => {
    // A second server on this database could delete the expired file's row, and would look for its bytes in a directory of its own.
    await weft.end("SIGTERM");
    const folder = mkdtempSync(join(tmpdir(), "weft-full-"));
    const settings = {
      DATABASE_OWNER_URL: ownerUrl,
      WEFT_KEYS_FILE: join(weft.env["WEFT_DATA_DIR"] ?? "", "keys.json"),
      FILES_DIR: folder,
    };
    const other = await standaloneProcess({ program: "server", runBy: small(folder), settings });
    await other.start();
    // As the process sees it.
    const seen = join("/proc", String(other.pid()), "root", folder);
    const user = await login(other);
    const kept = await upload(user);
    expect(await sendImage(new URL(kept.url, other.url), { size })).toMatchObject({ status: 200 });
    const refused = await Promise.all([upload(user), upload(user)]);
    const answers = await Promise.all(refused.map(({ url }) => sendImage(new URL(url, other.url), { size })));
    // Together they do not fit: one of them is refused, or each takes the space of the other.
    expect([200, 503]).toEqual(expect.arrayContaining(answers.map(({ status }) => status)));
    const isRefused = refused.filter((_, index) => answers[index]?.status === 503);
    const [failed] = isRefused;
    if (failed === undefined) throw new Error("Both uploads were stored.");
    expect(answers.find(({ status }) => status === 503)?.body).toContain("SERVICE_UNAVAILABLE");
    for (const each of isRefused) {
      expect(bytesOf(seen, each)).toEqual([]);
      expect(await fileOf(user, each)).toMatchObject({ status: "PENDING" });
    }
    expect(await downloaded(user, kept)).toBe(size);
    await sql`update app.files set due_at = now() where id = ${decodeId("file", kept.file.id)}`;
    await until(() => bytesOf(seen, kept).length === 0, { what: "the expired file is deleted", deadlineMs: 60_000 });
    expect(await sendImage(new URL(failed.url, other.url), { size })).toMatchObject({ status: 200 });
    expect(await downloaded(user, failed)).toBe(size);
    await other.remove();
    rmSync(folder, { recursive: true });
  },
);

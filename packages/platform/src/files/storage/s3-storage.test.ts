import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startS3Server, type S3Server } from "@weft/testkit/files/s3-server";
import { until } from "@weft/testkit/until";
import { serveHttp } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { fileKey, type FileStorage } from "./file-storage.js";
import { openConfig } from "../../config/sources/open-config.js";
import { createLogger } from "../../logging/logger.js";
import { openFileStorage } from "./open-storage.js";
import { s3Storage } from "./s3-storage.js";

const warnings: unknown[] = [];
const log = { warn: (...args: unknown[]) => void warnings.push(args) };
let folder: string;
let server: S3Server;
let storage: FileStorage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-s3-"));
  server = await startS3Server(folder);
  storage = await s3Storage(server, log);
});
afterAll(async () => {
  storage.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function* bytes(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

const newKey = (tenantId = newId()) => fileKey({ tenantId, id: newId(), attempt: 1 });

async function read(key: string, range?: { start: number; end: number }): Promise<string | null> {
  const stream = await storage.read(key, range);
  return stream && text(stream);
}

test("what was written is read, as a whole and in ranges", async () => {
  const key = newKey();
  await storage.write(key, bytes("Hello, ", "world"), 12);
  expect(await read(key)).toBe("Hello, world");
  expect(await read(key, { start: 7, end: 11 })).toBe("world");
  expect(await read(newKey())).toBeNull();
});

test("a write whose source fails leaves nothing, and throws the failure of the source", async () => {
  const key = newKey();
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield* bytes("half");
    throw new Error("the transfer was cut");
  }
  await expect(storage.write(key, cut(), 8)).rejects.toThrow("the transfer was cut");
  // This server keeps what it got, and does so after it has noticed the end of the connection. The caller deletes the key, too.
  await until(
    async () => {
      await storage.delete(key);
      return (await read(key)) === null;
    },
    { what: "nothing is left of the write" },
  );
});

test("deletion can be repeated, and that of a tenant leaves other tenants alone", async () => {
  const [one, other] = [newId(), newId()];
  const keys = [newKey(one), newKey(one), newKey(other)] as const;
  for (const key of keys) await storage.write(key, bytes("x"), 1);
  await storage.delete(keys[0]);
  await storage.delete(keys[0]);
  expect(await Promise.all(keys.map((key) => read(key)))).toEqual([null, "x", "x"]);
  await storage.deleteTenant(one);
  await storage.deleteTenant(one);
  expect(await Promise.all(keys.map((key) => read(key)))).toEqual([null, null, "x"]);
});

test("a server that is down or refuses is an outage of the storage", async () => {
  const failure = { extensions: { code: "SERVICE_UNAVAILABLE", service: "file storage" } };
  const down = await s3Storage({ ...server, endpoint: "http://127.0.0.1:1" }, log);
  await expect(down.write(newKey(), bytes("x"), 1)).rejects.toMatchObject(failure);
  // The client does not repeat what it cannot read again, and says so.
  expect(JSON.stringify(warnings)).toContain("streaming request");
  await expect(down.check()).rejects.toMatchObject(failure);
  down.close();
  const elsewhere = await s3Storage({ ...server, bucket: "no-such-bucket" }, log);
  await expect(elsewhere.read(newKey())).rejects.toMatchObject(failure);
  await expect(elsewhere.check()).rejects.toMatchObject(failure);
  elsewhere.close();
  await storage.check();
});

test("a replaced access key signs the next request", async () => {
  const keyIds: (string | undefined)[] = [];
  const recorder = await serveHttp(({ headers }, response) => {
    keyIds.push(/Credential=([^/]+)\//.exec(headers.authorization ?? "")?.[1]);
    response.writeHead(200).end();
  });
  onTestFinished(() => recorder.close());
  const [idFile, secretFile] = [join(folder, "key-id"), join(folder, "key-secret")];
  const rotate = async (id: string): Promise<void> => {
    await writeFile(idFile, id);
    await writeFile(secretFile, `secret-of-${id}`);
  };
  await rotate("AKIAFIRST");
  const { config, secrets } = await openConfig({
    S3_BUCKET: "files",
    S3_ENDPOINT: recorder.url,
    S3_ACCESS_KEY_ID_FILE: idFile,
    S3_SECRET_ACCESS_KEY_FILE: secretFile,
  });
  secrets.start(createLogger({ logLevel: "silent" }), { intervalMs: 60_000, againMs: 0 });
  const followed = await openFileStorage(config.files, log, config.secretChanges);
  onTestFinished(async () => {
    followed.close();
    await secrets.stop();
  });
  await followed.check();
  await rotate("AKIASECOND");
  await secrets.readAgain(["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]);
  await followed.check();
  expect(keyIds).toEqual(["AKIAFIRST", "AKIASECOND"]);
});

import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { fileKey } from "./file-storage.js";
import { localStorage } from "./local-storage.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-files-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* bytes(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

const newKey = (tenantId = newId()) => fileKey({ tenantId, id: newId(), attempt: 1 });

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test("what was written is read, as a whole and in ranges", async () => {
  const storage = localStorage(folder);
  const key = newKey();
  await storage.write(key, bytes("Hello, ", "world"), 12);
  const read = async (range?: { start: number; end: number }) => {
    const stream = await storage.read(key, range);
    return stream && text(stream);
  };
  expect(await read()).toBe("Hello, world");
  expect(await read({ start: 7, end: 11 })).toBe("world");
  expect(await read({ start: 0, end: 0 })).toBe("H");
});

test("each chunk is reported as soon as it is written", async () => {
  const steps: string[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes("a", "b")) {
      steps.push(`read ${Buffer.from(chunk).toString("utf8")}`);
      yield chunk;
    }
  }
  const onWritten = (chunk: Uint8Array): void => void steps.push(`written ${Buffer.from(chunk).toString("utf8")}`);
  await localStorage(folder).write(newKey(), source(), 2, { onWritten });
  expect(steps).toEqual(["read a", "written a", "read b", "written b"]);
});

test("only the user of the server can read the files", async () => {
  const own = await mkdtemp(join(tmpdir(), "weft-files-"));
  const storage = localStorage(own);
  const tenantId = newId();
  const key = newKey(tenantId);
  await storage.write(key, bytes("x"), 1);
  for (const entry of await readdir(own, { recursive: true, withFileTypes: true })) {
    expect((await stat(join(entry.parentPath, entry.name))).mode & 0o077, entry.name).toBe(0);
  }
  await rm(own, { recursive: true });
});

test("a write that fails leaves nothing, and throws the failure of its source", async () => {
  const storage = localStorage(folder);
  const tenantId = newId();
  const key = newKey(tenantId);
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield* bytes("half");
    throw new Error("the transfer was cut");
  }
  await expect(storage.write(key, cut(), 8)).rejects.toThrow("the transfer was cut");
  await expect(storage.write(key, bytes("half"), 8)).rejects.toThrow("4 bytes instead of 8");
  expect(await storage.read(key)).toBeNull();
  expect(await filesIn(join(folder, tenantId))).toEqual([]);
});

test("a disk that cannot be written is an outage, not a bug", async () => {
  const blocked = join(folder, "blocked");
  await writeFile(blocked, "a file where the folder should be");
  const failure = { extensions: { code: "SERVICE_UNAVAILABLE", service: "file storage" } };
  await expect(localStorage(blocked).write(newKey(), bytes("x"), 1)).rejects.toMatchObject(failure);
  await expect(localStorage(blocked).check()).rejects.toMatchObject(failure);
  await localStorage(folder).check();
});

test("deletion removes the bytes and the remains of interrupted writes, and can be repeated", async () => {
  const storage = localStorage(folder);
  const tenantId = newId();
  const [first, second] = [newKey(tenantId), newKey(tenantId)];
  await storage.write(first, bytes("a"), 1);
  await storage.write(second, bytes("b"), 1);
  const shard = first.slice(-4, -2);
  await writeFile(join(folder, tenantId, shard, `${first.slice(37)}.part`), "remains of a killed process");
  await storage.delete(first);
  await storage.delete(first);
  expect(await filesIn(join(folder, tenantId))).toEqual([second.slice(37)]);
  await storage.deleteTenant(tenantId);
  await storage.deleteTenant(tenantId);
  expect(await storage.read(second)).toBeNull();
});

test("keys never lead out of the folder", async () => {
  const storage = localStorage(folder);
  for (const key of ["../x", `${newId()}/../x.1`, `/etc/passwd`, `${newId()}/${newId()}`, ""]) {
    await expect(storage.read(key), key).rejects.toThrow(TypeError);
    await expect(storage.write(key, bytes("x"), 1), key).rejects.toThrow(TypeError);
    await expect(storage.delete(key), key).rejects.toThrow(TypeError);
  }
});

import { constants, createReadStream } from "node:fs";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { ByteRange, FileStorage, WriteOptions } from "./file-storage.js";

/** Suffix of a file that is being written. */
const partSuffix = ".part";
const keyPattern = /^([0-9a-f-]{36})\/([0-9a-f-]{34}([0-9a-f]{2})\.\d{1,5}(?:\.[a-z]{1,10})?)$/;

/**
 * Keeps files in a folder of this machine. They are written under a temporary name, forced to disk, and renamed, so that a file under its own name is
 * complete. All processes of the installation that serve or process files must see the same folder.
 */
export function localStorage(folder: string): FileStorage {
  const pathOf = (key: string): string => {
    const [, tenantId, name, shard] = keyPattern.exec(key) ?? [];
    if (tenantId === undefined || name === undefined || shard === undefined)
      throw new TypeError(`${JSON.stringify(key)} is not a key of a file.`);
    // The end of an ID is random: the files of a tenant are spread over 256 folders.
    return join(folder, tenantId, shard, name);
  };
  return {
    write: async (key, source, size, options = {}) => {
      const path = pathOf(key);
      const part = path + partSuffix;
      try {
        await onDisk(() => mkdir(dirname(path), { recursive: true, mode: 0o700 }));
        await writePart(part, source, { ...options, size });
        await onDisk(() => rename(part, path));
        await onDisk(() => syncFolder(dirname(path)));
      } catch (error) {
        // What remains after a failure here is removed with the file's row.
        await rm(part, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    read: (key, range) => onDisk(async () => openForReading(pathOf(key), range)),
    delete: (key) =>
      onDisk(async () => {
        const path = pathOf(key);
        await rm(path + partSuffix, { force: true });
        await rm(path, { force: true });
      }),
    deleteTenant: (tenantId) => onDisk(() => rm(join(folder, tenantId), { recursive: true, force: true })),
    check: () =>
      onDisk(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await access(folder, constants.W_OK);
      }),
    close: () => undefined,
  };
}

async function writePart(
  path: string,
  source: AsyncIterable<Uint8Array>,
  { size, onWritten }: WriteOptions & { readonly size: number },
): Promise<void> {
  const file = await onDisk(() => open(path, "w", 0o600));
  try {
    let written = 0;
    for await (const chunk of source) {
      await onDisk(() => writeAll(file, chunk));
      written += chunk.byteLength;
      onWritten?.(chunk);
    }
    if (written !== size) throw new Error(`${written} bytes instead of ${size} were written.`);
    await onDisk(() => file.sync());
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength;) done += (await file.write(chunk, done)).bytesWritten;
}

async function openForReading(path: string, range: ByteRange | undefined): Promise<Readable | null> {
  const file = await open(path, "r").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  return file && createReadStream("", { fd: file, ...range });
}

/** The name of a new file is durable only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A full or broken disk is an outage of the storage. */
async function onDisk<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw codeOf(error) === undefined ? error : new ServiceUnavailable("file storage", error);
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

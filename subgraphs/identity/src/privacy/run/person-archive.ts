import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { makeZip, predictLength } from "client-zip";
import { asTenant, showDeleted } from "@weft/platform/db";
import { fileKey, type FileStorage, joinedParts } from "@weft/platform/files";
import type { Services } from "@weft/platform/services";
import { findStoredFilesOf } from "./audit-of-person.store.js";
import { type Subject, type Writing, writePersonTexts } from "./person-texts.js";
import type { StoredText } from "./text-parts.js";

/** A ZIP archive whose size is known before its bytes, as the file storage requires. */
export interface PersonArchive {
  readonly size: number;
  /** Its bytes. They can be read once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The SHA-256 hash, after the bytes were read. */
  readonly sha256: () => string;
}

interface Parts extends Pick<Services, "databases" | "keyring"> {
  readonly storage: Pick<FileStorage, "read">;
}

interface ArchivedFile extends Subject {
  /** The file of which the parts of texts are parts. */
  readonly fileId: string;
}

type Bytes = AsyncIterable<Uint8Array<ArrayBuffer>>;

/**
 * Makes an archive of everything that a tenant has about a person: `data.json`, `index.html` with the same rows, and the files that the person has uploaded.
 * The texts are written in parts, which must exist until the archive was read.
 */
export async function personArchive(
  { databases, keyring, storage }: Parts,
  { fileId: id, ...subject }: ArchivedFile,
  writing: Writing,
): Promise<PersonArchive> {
  const { tenantId, personId } = subject;
  const texts = await writePersonTexts({ databases, keyring }, subject, writing);
  const files = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
    await showDeleted(tx);
    return findStoredFilesOf(tx, personId);
  });
  const bytesOf = ({ parts, last }: StoredText): Bytes =>
    joinedParts(storage, { file: { tenantId, id }, parts, last, onPart: () => Promise.resolve() }) as Bytes;
  const entries = [
    { name: "data.json", size: texts.json.size, open: () => Promise.resolve(bytesOf(texts.json)) },
    { name: "index.html", size: texts.html.size, open: () => Promise.resolve(bytesOf(texts.html)) },
    ...files.map((file) => ({
      name: `files/${file.id}-${file.name.replaceAll(/[\\/]/g, "_")}`,
      size: file.size,
      open: async () => {
        const bytes = await storage.read(fileKey(file));
        if (bytes === null) throw new Error(`The bytes of the file ${file.id} are missing in the storage.`);
        return bytes as Bytes;
      },
    })),
  ];
  const hash = createHash("sha256");

  async function* opened() {
    for (const { name, size, open } of entries) yield { name, size, input: await open() };
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of Readable.fromWeb(makeZip(opened()) as never)) {
      hash.update(chunk as Uint8Array);
      yield chunk as Uint8Array;
    }
  }
  const size = Number(predictLength(entries.map((entry) => ({ name: entry.name, size: BigInt(entry.size) }))));
  return { size, bytes: hashed(), sha256: () => hash.digest("hex") };
}

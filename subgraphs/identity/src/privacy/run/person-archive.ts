import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { makeZip, predictLength } from "client-zip";
import { openImages } from "@weft/platform/audit";
import { asTenant, showDeleted, type Tx } from "@weft/platform/db";
import { findRowsOfPerson, MAX_ROWS_OF_PERSON, tablesOfPeople } from "@weft/platform/erasure";
import { fileKey, type FileStorage } from "@weft/platform/files";
import type { PersonKeyring } from "@weft/platform/privacy";
import type { Services } from "@weft/platform/services";
import { findEntriesAbout, findStoredFilesOf } from "./audit-of-person.store.js";
import { exportPage, type PersonRows } from "./export-page.js";

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

interface Subject {
  readonly tenantId: string;
  readonly personId: string;
}

/** Makes an archive of everything that a tenant has about a person: `data.json`, `index.html` with the same rows, and the files that the person has uploaded. */
export async function personArchive({ databases, keyring, storage }: Parts, { tenantId, personId }: Subject): Promise<PersonArchive> {
  const { rows, files } = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
    // What is deleted, but still stored, is about the person, too.
    await showDeleted(tx);
    return { rows: await rowsOf(tx, keyring, { tenantId, personId }), files: await findStoredFilesOf(tx, personId) };
  });
  const texts = [
    { name: "data.json", input: Buffer.from(JSON.stringify(rows, null, 2)) },
    { name: "index.html", input: Buffer.from(exportPage("Personal data", rows)) },
  ];
  const named = files.map((file) => ({ file, name: `files/${file.id}-${file.name.replaceAll(/[\\/]/g, "_")}` }));
  const sizes = [
    ...texts.map(({ name, input }) => ({ name, size: BigInt(input.byteLength) })),
    ...named.map(({ file, name }) => ({ name, size: BigInt(file.size) })),
  ];
  const hash = createHash("sha256");

  async function* entries() {
    yield* texts;
    for (const { file, name } of named) {
      const bytes = await storage.read(fileKey(file));
      if (bytes === null) throw new Error(`The bytes of the file ${file.id} are missing in the storage.`);
      yield { name, input: bytes as AsyncIterable<Uint8Array<ArrayBuffer>>, size: file.size };
    }
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of Readable.fromWeb(makeZip(entries()) as never)) {
      hash.update(chunk as Uint8Array);
      yield chunk as Uint8Array;
    }
  }
  return { size: Number(predictLength(sizes)), bytes: hashed(), sha256: () => hash.digest("hex") };
}

async function rowsOf(tx: Tx, keyring: PersonKeyring, { tenantId, personId }: Subject): Promise<PersonRows> {
  const rows: Record<string, Record<string, unknown>[]> = {};
  const cut: Record<string, unknown>[] = [];
  for (const table of tablesOfPeople) {
    // Its values are ciphertexts, which are opened below.
    if (table.table === "audit.entries") continue;
    const found = await findRowsOfPerson(tx, table, personId);
    if (found.length > MAX_ROWS_OF_PERSON) cut.push({ ...table, rows: MAX_ROWS_OF_PERSON });
    if (found.length > 0) rows[table.table] = [...(rows[table.table] ?? []), ...found.slice(0, MAX_ROWS_OF_PERSON)];
  }
  const entries = await findEntriesAbout(tx, personId);
  const images = await openImages(
    tx,
    keyring,
    tenantId,
    entries.flatMap(({ entityType: type, before, after }) => [
      { type, image: before },
      { type, image: after },
    ]),
  );
  if (entries.length > 0)
    rows["audit.entries"] = entries.map((entry, index) => ({
      ...entry,
      before: images[2 * index] ?? null,
      after: images[2 * index + 1] ?? null,
    }));
  // First, so that nobody takes the archive for complete.
  return cut.length > 0 ? { "tables with more rows": cut, ...rows } : rows;
}

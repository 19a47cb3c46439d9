/** What is written of a file that a worker makes in parts. */
import { files as tables } from "@weft/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { writtenRow } from "../db/rows.js";
import type { FileRow } from "./file.store.js";

const { files } = tables;

/** Time until the file of an export is deleted: of a running one without progress, and of a completed one. */
const fileTime = "1 day";

/** Begins an attempt to write the next part of a file, which supersedes earlier ones. Null if the file no longer exists. */
export const beginPart = (tx: Tx, fileId: string): Promise<FileRow | null> =>
  writtenRow(
    named(
      "beginPart",
      tx
        .update(files)
        .set({ attempt: sql`${files.attempt} + 1`, dueAt: sql`now() + ${fileTime}::interval` })
        .where(and(eq(files.id, fileId), eq(files.status, "PENDING")))
        .returning(),
    ),
  );

/** Adds a part to the size of a file. Null if another attempt has superseded this one. */
export const growFile = (tx: Tx, { id, attempt }: FileRow, bytes: number): Promise<FileRow | null> =>
  writtenRow(
    named(
      "growFile",
      tx
        .update(files)
        .set({ size: sql`${files.size} + ${bytes}` })
        .where(and(eq(files.id, id), eq(files.attempt, attempt), eq(files.status, "PENDING")))
        .returning(),
    ),
  );

/** Makes a file available. Its size must be complete. */
export async function storeFile(tx: Tx, id: string, { type, sha256 }: { readonly type: string; readonly sha256: string }): Promise<void> {
  const values = { type, sha256, status: "STORED", storedAt: sql`now()`, dueAt: sql`now() + ${fileTime}::interval` };
  await named("storeFile", tx.update(files).set(values).where(eq(files.id, id)));
}

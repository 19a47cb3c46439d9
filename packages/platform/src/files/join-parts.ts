import { buffer } from "node:stream/consumers";
import { fileKey, type FilePlace, type FileStorage } from "./storage/file-storage.js";

interface PartsOfFile {
  readonly file: Omit<FilePlace, "attempt">;
  /** Attempts that stored the parts, in order. */
  readonly parts: readonly number[];
  /** What follows the parts. */
  readonly last: Uint8Array;
  /** Called before each part is read. */
  readonly onPart: () => Promise<unknown>;
}

/** Reads the parts of a file, one after the other. One of them is in memory at a time. */
export async function* joinedParts(
  storage: Pick<FileStorage, "read">,
  { file, parts, last, onPart }: PartsOfFile,
): AsyncGenerator<Uint8Array> {
  for (const attempt of parts) {
    await onPart();
    const part = await storage.read(fileKey({ ...file, attempt }));
    if (part === null) throw new Error(`Part ${attempt} of the export's file is missing in the storage.`);
    yield await buffer(part);
  }
  yield last;
}

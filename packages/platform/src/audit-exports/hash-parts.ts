import { createHash } from "node:crypto";

/**
 * Returns the hash (hex) of the parts of a file up to one of them. They wait in the storage until the last one is there, and what is signed then must be what
 * was written.
 * @param before the hash up to the part before it; null for the first one
 */
export const hashWithPart = (before: string | null, part: Uint8Array): string =>
  createHash("sha256")
    .update(before ?? "")
    .update(part)
    .digest("hex");

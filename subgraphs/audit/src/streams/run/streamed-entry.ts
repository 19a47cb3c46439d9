import { encodeId } from "@weft/shared/ids";
import type { ExportedRow, ReadableEntry } from "@weft/platform/audit-exports";

/** An entry as receivers get it. New columns of entries are new members. */
export type StreamedEntry = Omit<ReadableEntry, "before" | "after"> & {
  /** ID of the organization (`ten_…`). */
  readonly organization: string;
  /** Place in the chain. */
  readonly sequence: number;
  /** Hash of the chain up to the entry, and the signed head if there is one: what is kept elsewhere proves later what the trail was. */
  readonly hash: string;
  readonly checkpoint: string | null;
  /** Only in streams that include values. */
  readonly before?: unknown;
  readonly after?: unknown;
};

/** Returns an entry as it is sent. */
export function streamedEntry(
  { hashedText: _text, entryHash: _hash, previousHash: _previous, before, after, sequence, hash, checkpoint, ...entry }: ExportedRow,
  { tenantId, includesValues }: { readonly tenantId: string; readonly includesValues: boolean },
): StreamedEntry {
  return { organization: encodeId("tenant", tenantId), sequence, ...entry, ...(includesValues && { before, after }), hash, checkpoint };
}

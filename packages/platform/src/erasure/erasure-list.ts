import { text as readText } from "node:stream/consumers";
import { z } from "zod";
import type { ErasuresConfig } from "../config/config.js";
import { fileKey, type FileStorage } from "../files/storage/file-storage.js";
import { openFileStorage } from "../files/storage/open-storage.js";
import type { SecretChanges } from "../config/sources/secret-changes.js";
import type { Logger } from "../logging/logger.js";

const entrySchema = z.strictObject({
  version: z.literal(1),
  tenantId: z.uuid(),
  requestId: z.uuid(),
  kind: z.enum(["ANONYMISE", "ERASE"]),
  personType: z.enum(["user", "vendorContact"]),
  personId: z.uuid(),
  requestedBy: z.uuid(),
  decidedBy: z.uuid(),
  decidedAt: z.string(),
});

/** What has been erased: IDs and times, and nothing that identifies the person without the database. */
export type ErasureEntry = z.infer<typeof entrySchema>;

/**
 * The list of erased people. It is outside of the database, so that a restored backup does not bring them back: `weft privacy reapply` erases again
 * whoever the list contains.
 */
export interface ErasureList {
  /** Adds a person before the erasure begins, so that no erasure is missing in it. Repeating it changes nothing, except that ERASE replaces ANONYMISE. */
  add(entry: ErasureEntry): Promise<void>;
  /** Returns null if the person was never erased. */
  find(tenantId: string, personId: string): Promise<ErasureEntry | null>;
  close(): void;
}

/** Opens the list. @throws ServiceUnavailable from its functions if the place cannot be reached */
export async function openErasureList(config: ErasuresConfig, log: Pick<Logger, "warn">, changes?: SecretChanges): Promise<ErasureList> {
  return erasureListIn(await openFileStorage({ ...config, types: [], maxBytes: 0, uploadsInFlight: 0 }, log, changes));
}

/** An object per person, so that processes need not wait for each other. */
export function erasureListIn(storage: FileStorage): ErasureList {
  const keyOf = (tenantId: string, personId: string): string => fileKey({ tenantId, id: personId, attempt: 1 });
  async function find(tenantId: string, personId: string): Promise<ErasureEntry | null> {
    const stream = await storage.read(keyOf(tenantId, personId));
    return stream === null ? null : entrySchema.parse(JSON.parse(await readText(stream)));
  }
  return {
    find,
    add: async (entry) => {
      const known = await find(entry.tenantId, entry.personId);
      if (known !== null && (known.kind === "ERASE" || entry.kind === "ANONYMISE")) return;
      const bytes = Buffer.from(JSON.stringify(entry));
      await storage.write(
        keyOf(entry.tenantId, entry.personId),
        (async function* () {
          yield bytes;
        })(),
        bytes.byteLength,
      );
    },
    close: () => storage.close(),
  };
}

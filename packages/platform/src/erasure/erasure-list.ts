import { text as readText } from "node:stream/consumers";
import { z } from "zod";
import type { ErasuresConfig } from "../config/config.js";
import { fileKey, type FileStorage } from "../files/storage/file-storage.js";
import { openFileStorage } from "../files/storage/open-storage.js";
import type { SecretChanges } from "../config/sources/secret-changes.js";
import type { Logger } from "../logging/logger.js";
import { type ErasureKeys, readSigned, signErasure } from "./signed.js";

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

/** Who has been erased: IDs and times, and nothing that identifies the person without the database. */
export type ErasureEntry = z.infer<typeof entrySchema>;

/**
 * The list of erased people. It is outside of the database, so that a restored backup does not bring them back: `weft privacy reapply` erases again
 * whoever the list contains. Entries are signed, so that nobody can have people erased by writing to its storage.
 */
export interface ErasureList {
  /** Adds a person before the erasure begins, so that no erasure is missing in it. Repeating it changes nothing, except that ERASE replaces ANONYMISE. */
  add(entry: ErasureEntry): Promise<void>;
  /** Returns null if the person was never erased. @throws Error if the entry is not one that this installation has signed for this person */
  find(tenantId: string, personId: string): Promise<ErasureEntry | null>;
  close(): void;
}

/** Where the list is, and the key that signs its entries. */
interface ErasureListOptions {
  readonly config: ErasuresConfig;
  readonly keys: { readonly checkpoint: ErasureKeys };
  readonly log: Pick<Logger, "warn">;
  readonly changes?: SecretChanges | undefined;
}

/** Opens the list. @throws ServiceUnavailable from its functions if the place cannot be reached */
export async function openErasureList({ config, keys, log, changes }: ErasureListOptions): Promise<ErasureList> {
  return erasureListIn(await openFileStorage({ ...config, types: [], maxBytes: 0, uploadsInFlight: 0 }, log, changes), keys.checkpoint);
}

/** An object per person, so that processes need not wait for each other. */
export function erasureListIn(storage: FileStorage, keys: ErasureKeys): ErasureList {
  const keyOf = (tenantId: string, personId: string): string => fileKey({ tenantId, id: personId, attempt: 1 });
  async function find(tenantId: string, personId: string): Promise<ErasureEntry | null> {
    const stream = await storage.read(keyOf(tenantId, personId));
    if (stream === null) return null;
    const entry = entrySchema.parse(await readSigned(keys, "entry", await readText(stream)));
    // Somebody could have copied the entry of another person.
    if (entry.tenantId !== tenantId || entry.personId !== personId)
      throw new Error(`The entry of the person ${personId} in the list of erased people is that of ${entry.personId}.`);
    return entry;
  }
  return {
    find,
    add: async (entry) => {
      // An entry that cannot be used must not keep the right one away.
      const known = await find(entry.tenantId, entry.personId).catch(() => null);
      if (known !== null && (known.kind === "ERASE" || entry.kind === "ANONYMISE")) return;
      const bytes = Buffer.from(await signErasure(keys, "entry", entry));
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

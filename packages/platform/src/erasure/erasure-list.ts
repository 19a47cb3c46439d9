import { text as readText } from "node:stream/consumers";
import { z } from "zod";
import type { ErasuresConfig } from "../config/config.js";
import { fileKey, type FileStorage } from "../files/storage/file-storage.js";
import { openFileStorage } from "../files/storage/open-storage.js";
import { ConfigError } from "../config/config-error.js";
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
  /**
   * Makes sure that a person can be added, before the erasure begins. Marks the list as that of this installation.
   * @throws ServiceUnavailable if its place cannot be reached, Error if it is the list of another installation
   */
  prepare(): Promise<void>;
  /** Returns whether this installation has marked the list. If not, nobody was ever added here. @throws Error if another installation has */
  isMarked(): Promise<boolean>;
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

/** Opens the list. @throws ConfigError in production without a place, ServiceUnavailable from its functions if the place cannot be reached */
export async function openErasureList({ config, keys, log, changes }: ErasureListOptions): Promise<ErasureList> {
  if (config.isPlaceMissing === true)
    throw new ConfigError([
      "ERASURES_DIR: is required in production, unless ERASURES_S3_BUCKET is set. The list of erased people must neither be lost with a container nor be restored with the database",
    ]);
  return erasureListIn(await openFileStorage({ ...config, types: [], maxBytes: 0, uploadsInFlight: 0 }, log, changes), keys.checkpoint);
}

const markerSchema = z.strictObject({ version: z.literal(1) });
/** The nil UUID, which no tenant and no person has. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** An object per person, so that processes need not wait for each other, and one that says whose list it is. */
export function erasureListIn(storage: FileStorage, keys: ErasureKeys): ErasureList {
  const keyOf = (tenantId: string, personId: string): string => fileKey({ tenantId, id: personId, attempt: 1 });
  const write = (key: string, bytes: Buffer): Promise<void> =>
    storage.write(
      key,
      (async function* () {
        yield bytes;
      })(),
      bytes.byteLength,
    );
  const marker = keyOf(NOBODY, NOBODY);
  async function isMarked(): Promise<boolean> {
    const stream = await storage.read(marker);
    if (stream === null) return false;
    markerSchema.parse(await readSigned(keys, "list", await readText(stream)));
    return true;
  }
  async function prepare(): Promise<void> {
    if (!(await isMarked())) await write(marker, Buffer.from(await signErasure(keys, "list", { version: 1 })));
  }
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
    prepare,
    isMarked,
    find,
    add: async (entry) => {
      await prepare();
      // An entry that cannot be used must not keep the right one away.
      const known = await find(entry.tenantId, entry.personId).catch(() => null);
      if (known !== null && (known.kind === "ERASE" || entry.kind === "ANONYMISE")) return;
      await write(keyOf(entry.tenantId, entry.personId), Buffer.from(await signErasure(keys, "entry", entry)));
    },
    close: () => storage.close(),
  };
}

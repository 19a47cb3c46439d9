import { customFields } from "@weft/drizzle";
import type { FieldSchemaRow } from "@weft/engine";
import { asTenant, dueRows, type Tx } from "@weft/platform/db";
import { encryptJson, type SealedJson, sealedJson, type VersionKey } from "@weft/platform/secrets";
import type { Services } from "@weft/platform/services";
import { claimSchema, endEncryption, hasPlainValues, postponeEncryption, releaseSchema } from "./due-schemas.store.js";

type Given = Pick<Services, "databases" | "secrets" | "log">;

/** How far the encryption of a schema's values is. Kept in memory only: a worker that is restarted finds what is left. */
interface Progress {
  /** Version of the schema. */
  readonly version: number;
  /** Index of the place: objects first, and then their earlier versions, because a changed object leaves a version. */
  place: number;
  after: VersionKey | null;
  changed: number;
  readonly refused: string[];
  /** When this process has continued last, in milliseconds. */
  at: number;
}

/** Time after which a pass is begun again, because other workers can have ended it. */
const FORGOTTEN_MS = 5 * 60_000;

const newProgress = ({ version }: FieldSchemaRow): Progress => ({
  version,
  place: 0,
  after: null,
  changed: 0,
  refused: [],
  at: Date.now(),
});

/**
 * Encrypts the values that objects had when a field became encrypted, as a source of due work. Users can read and write the objects meanwhile. An object that
 * the database refuses to change is skipped and reported; the rest are encrypted, and the refused ones are tried again every hour.
 */
export function dueEncryptions(given: Given) {
  const progressOf = new Map<string, Progress>();
  return {
    name: "encryptions",
    ...dueRows({ name: "DueEncryptions", dueAt: customFields.customFieldSchemas.encryptAt }),
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      let done = 0;
      while (done < limit && !signal.aborted) {
        const schema = await claim(given, tenantId);
        if (schema === null) break;
        const known = progressOf.get(schema.id);
        const isCurrent = known?.version === schema.version && Date.now() - known.at < FORGOTTEN_MS;
        const progress = isCurrent ? known : newProgress(schema);
        progress.at = Date.now();
        progressOf.set(schema.id, progress);
        const place = placesOf(schema)[progress.place];
        if (place === undefined) {
          progressOf.delete(schema.id);
          await end(given, schema, progress);
        } else {
          await encryptNext(given, schema, { place, progress });
          await inTenant(given, tenantId, (tx) => releaseSchema(tx, schema));
        }
        done++;
      }
      return done;
    },
  };
}

const inTenant = <T>({ databases: { app } }: Given, tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(app, { tenantId }, "write", fn);

const placesOf = (schema: FieldSchemaRow): readonly SealedJson[] => sealedJson.filter(({ kind }) => kind === schema.kind);

/** Takes a schema, and creates the tenant's first key if it has none: a batch that waits for an object must not make everybody wait for the key. */
const claim = (given: Given, tenantId: string): Promise<FieldSchemaRow | null> =>
  inTenant(given, tenantId, async (tx) => {
    const schema = await claimSchema(tx);
    if (schema !== null) await given.secrets.seal(tx, tenantId, [{ field: "", value: "" }]);
    return schema;
  });

/** Encrypts the values of the next objects of a place. */
async function encryptNext(
  { databases: { app }, secrets, log }: Given,
  { tenantId, typeKey, encrypting: names, indexed }: FieldSchemaRow,
  { place, progress }: { readonly place: SealedJson; readonly progress: Progress },
): Promise<void> {
  const searchable = new Set(indexed.map(({ name }) => name));
  const { done, failed, last } = await encryptJson({ app, secrets, tenantId }, place, { typeKey, names, searchable }, progress.after);
  for (const { position, error } of failed)
    log.error({ err: error, tenantId, object: position }, "custom fields of an object could not be encrypted");
  progress.refused.push(...failed.map(({ position }) => position));
  progress.after = last;
  if (last === null) progress.place++;
  progress.changed += done.reduce((sum, count) => sum + count, 0);
}

/** Looks whether something is left, such as objects that were refused, or changed at the same time. Another pass encrypts them. */
async function end(given: Given, schema: FieldSchemaRow, { changed, refused }: Progress): Promise<void> {
  const { log } = given;
  const { tenantId, encrypting, id } = schema;
  const isLeft = await inTenant(given, tenantId, async (tx) => {
    const hasMore = await hasPlainValues(tx, placesOf(schema), schema);
    if (!hasMore) await endEncryption(tx, schema);
    // Another pass right away would change nothing either.
    else if (refused.length > 0 || changed === 0) await postponeEncryption(tx, schema);
    else await releaseSchema(tx, schema);
    return hasMore;
  });
  if (!isLeft) log.info({ tenantId, schema: id, fields: encrypting, objects: changed }, "values of custom fields were encrypted");
  else if (refused.length > 0 || changed === 0)
    log.error({ tenantId, schema: id, refused: refused.slice(0, 100) }, "some custom fields could not be encrypted; retrying in an hour");
}

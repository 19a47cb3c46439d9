import { fieldPlace, fieldPosition } from "../custom-field-kinds/kinds.js";
import { asTenant } from "../db/as-tenant.js";
import type { Database, Tx } from "../db/database.js";
import { showDeleted } from "../db/show-deleted.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { type OutdatedJson, updateJson, type VersionKey } from "./reencrypt-json.store.js";
import type { SealedJson } from "./sealed-json.js";
import type { TenantSecrets } from "./tenant-secrets.js";

/** JSON objects of one transaction. */
const BATCH = 200;
/** Before the first JSON object of a place. */
export const beforeAll: VersionKey = { id: "00000000-0000-0000-0000-000000000000", until: "-infinity" };

/** A tenant whose values are encrypted. */
export interface EncryptedTenant {
  readonly app: Database;
  readonly secrets: TenantSecrets;
  readonly tenantId: string;
}

interface BatchWork<Done> {
  readonly find: (tx: Tx, slice: { readonly after: VersionKey; readonly limit: number }) => Promise<OutdatedJson[]>;
  readonly write: (tx: Tx, found: readonly OutdatedJson[]) => Promise<Done>;
}

/** What was done with the next JSON objects of a place. */
export interface JsonBatch<Done> {
  readonly done: readonly Done[];
  /** Objects that could not be written, and why. */
  readonly failed: readonly { readonly position: string; readonly error: unknown }[];
  /** The last of the objects, after which the next batch begins. Null: there are no more. */
  readonly last: VersionKey | null;
}

/**
 * Finds the next JSON objects, deleted ones included, and writes them in one transaction. If that fails, each is written by itself, so that one that the database refuses does not
 * keep the others from being written.
 * @throws ServiceUnavailable
 */
export async function writeBatch<Done>(
  { app, tenantId }: Pick<EncryptedTenant, "app" | "tenantId">,
  place: SealedJson,
  after: VersionKey,
  { find, write }: BatchWork<Done>,
): Promise<JsonBatch<Done>> {
  const slice = { after, limit: BATCH };
  const inTenant = <T>(fn: (tx: Tx) => Promise<T>, access: "read" | "write" = "write"): Promise<T> =>
    asTenant(app, { tenantId }, access, async (tx) => {
      await showDeleted(tx);
      return fn(tx);
    });
  const lastOf = (found: readonly OutdatedJson[]): VersionKey | null => (found.length < BATCH ? null : (found.at(-1) ?? null));
  try {
    const { found, done } = await inTenant(async (tx) => {
      const some = await find(tx, slice);
      return { found: some, done: some.length === 0 ? [] : [await write(tx, some)] };
    });
    return { done, failed: [], last: lastOf(found) };
  } catch (error) {
    if (error instanceof ServiceUnavailable) throw error;
  }
  const found = await inTenant((tx) => find(tx, slice), "read");
  const done: Done[] = [];
  const failed: { position: string; error: unknown }[] = [];
  for (const object of found)
    try {
      done.push(await inTenant((tx) => write(tx, [object])));
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw error;
      failed.push({ position: positionOf(place, object), error });
    }
  return { done, failed, last: lastOf(found) };
}

/** Names an object in reports, for example `requests.buildings.fields/0190…`, with the time until which an earlier version had its values. */
function positionOf({ kind }: SealedJson, { id, until }: VersionKey): string {
  const position = fieldPosition(kind, "", id).replace("./", "/");
  return until === beforeAll.until ? position : `${position} (until ${until})`;
}

/** A member of a JSON object, in plain text. */
export interface PlainMember {
  readonly object: OutdatedJson;
  readonly name: string;
  readonly plain: string;
  readonly isSearchable: boolean;
}

/** Encrypts members with the newest key, derives their blind indexes from it, and stores them. Returns how many objects were changed. */
export async function writeSealed(
  tx: Tx,
  { secrets, tenantId }: Pick<EncryptedTenant, "secrets" | "tenantId">,
  place: SealedJson,
  members: readonly PlainMember[],
): Promise<number> {
  const { kind } = place;
  const sealed = await secrets.sealSearchable(
    tx,
    tenantId,
    members.map(({ object, name, plain, isSearchable }) => ({
      field: fieldPosition(kind, name, object.id),
      value: plain,
      indexedAs: isSearchable ? fieldPlace(kind, name) : null,
    })),
  );
  const changes = new Map<OutdatedJson, Record<string, object>>();
  for (const [at, { object, name }] of members.entries()) {
    const { sealed: $sealed = "", index = null } = sealed[at] ?? {};
    changes.set(object, { ...changes.get(object), [name]: { $sealed, ...(index !== null && { $index: index }) } });
  }
  const changed = [...changes].map(([{ id, until, fields }, values]) => ({ id, until, before: fields, fields: { ...fields, ...values } }));
  return changed.length === 0 ? 0 : updateJson(tx, place, changed);
}

import { asTenant } from "../db/as-tenant.js";
import type { Database, Tx } from "../db/database.js";
import { fieldPlace, fieldPosition } from "../custom-fields/kinds.js";
import { findOutdatedJson, updateJson, type OutdatedJson, type VersionKey } from "./reencrypt-json.store.js";
import type { SealedJson } from "./sealed-json.js";
import { isSealedValue } from "./sealed-value.js";
import type { TenantSecrets } from "./tenant-secrets.js";

const BATCH = 200;
const FIRST: VersionKey = { id: "00000000-0000-0000-0000-000000000000", until: "-infinity" };

/** A tenant whose values are encrypted again. */
export interface ReencryptedTenant {
  readonly app: Database;
  readonly secrets: TenantSecrets;
  readonly tenantId: string;
}

/** What was done with the values of a place. */
export interface ReencryptedPlace {
  readonly reencrypted: number;
  /** Positions of ciphertexts that cannot be decrypted. */
  readonly unreadable: readonly string[];
}

/** Encrypts the members of JSON objects with the newest key, and derives their blind indexes from it, in batches of a transaction each. */
export async function reencryptJson(
  { app, secrets, tenantId }: ReencryptedTenant,
  place: SealedJson,
  newest: number,
): Promise<ReencryptedPlace> {
  let reencrypted = 0;
  const unreadable: string[] = [];
  for (let after: VersionKey | undefined = FIRST; after !== undefined;) {
    const start: VersionKey = after;
    const batch = await asTenant(app, { tenantId }, "write", async (tx) => {
      const found = await findOutdatedJson(tx, place, { newest, after: start, limit: BATCH });
      return { found, ...(await reencryptBatch(tx, { secrets, tenantId }, place, found)) };
    });
    reencrypted += batch.reencrypted;
    unreadable.push(...batch.unreadable);
    after = batch.found.length < BATCH ? undefined : batch.found.at(-1);
  }
  return { reencrypted, unreadable };
}

/** A ciphertext in a JSON object. */
interface Member {
  readonly object: OutdatedJson;
  readonly name: string;
  readonly field: string;
  readonly value: string;
  readonly isSearchable: boolean;
}

async function reencryptBatch(
  tx: Tx,
  { secrets, tenantId }: Pick<ReencryptedTenant, "secrets" | "tenantId">,
  place: SealedJson,
  found: readonly OutdatedJson[],
): Promise<ReencryptedPlace> {
  const members = found.flatMap((object) => membersOf(place, object));
  const opened = await secrets.openReadable(tx, tenantId, members);
  const readable = members.flatMap((member, at) => {
    const plain = opened[at] ?? null;
    return plain === null ? [] : [{ ...member, plain }];
  });
  const sealed = await secrets.sealSearchable(
    tx,
    tenantId,
    readable.map(({ name, field, plain, isSearchable }) => ({
      field,
      value: plain,
      indexedAs: isSearchable ? fieldPlace(place.kind, name) : null,
    })),
  );
  const changes = new Map<OutdatedJson, Record<string, object>>();
  for (const [at, { object, name }] of readable.entries()) {
    const { sealed: $sealed = "", index = null } = sealed[at] ?? {};
    changes.set(object, { ...changes.get(object), [name]: { $sealed, ...(index !== null && { $index: index }) } });
  }
  const changed = [...changes].map(([{ id, until, fields }, values]) => ({ id, until, before: fields, fields: { ...fields, ...values } }));
  if (changed.length > 0) await updateJson(tx, place, changed);
  const lost = members.filter((_member, at) => (opened[at] ?? null) === null);
  return { reencrypted: readable.length, unreadable: lost.map(({ field }) => field) };
}

const membersOf = ({ kind }: SealedJson, object: OutdatedJson): Member[] =>
  Object.entries(object.fields).flatMap(([name, value]) => {
    if (!isSealedValue(value)) return [];
    const field = fieldPosition(kind, name, object.id);
    return [{ object, name, field, value: value.$sealed, isSearchable: value.$index !== undefined }];
  });

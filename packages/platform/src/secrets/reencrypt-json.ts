import { fieldPosition } from "../custom-field-kinds/kinds.js";
import type { Tx } from "../db/database.js";
import { beforeAll, type EncryptedTenant, writeBatch, writeSealed } from "./json-batch.js";
import { findOutdatedJson, type OutdatedJson, type VersionKey } from "./reencrypt-json.store.js";
import type { SealedJson } from "./sealed-json.js";
import { isSealedValue } from "./sealed-value.js";

/** What was done with the values of a place. */
export interface ReencryptedPlace {
  readonly reencrypted: number;
  /** Positions of ciphertexts that cannot be decrypted. */
  readonly unreadable: readonly string[];
  /** Positions of objects that the database refuses to change. */
  readonly refused: readonly string[];
}

/** Encrypts the members of JSON objects with the newest key, and derives their blind indexes from it, in batches of a transaction each. */
export async function reencryptJson(tenant: EncryptedTenant, place: SealedJson, newest: number): Promise<ReencryptedPlace> {
  let reencrypted = 0;
  const unreadable: string[] = [];
  const refused: string[] = [];
  for (let after: VersionKey | null = beforeAll; after !== null;) {
    const batch: Awaited<ReturnType<typeof next>> = await next(tenant, place, { newest, after });
    for (const done of batch.done) {
      reencrypted += done.reencrypted;
      unreadable.push(...done.unreadable);
    }
    refused.push(...batch.failed.map(({ position }) => position));
    after = batch.last;
  }
  return { reencrypted, unreadable, refused };
}

const next = (tenant: EncryptedTenant, place: SealedJson, { newest, after }: { readonly newest: number; readonly after: VersionKey }) =>
  writeBatch(tenant, place, after, {
    find: (tx, slice) => findOutdatedJson(tx, place, { newest, ...slice }),
    write: (tx, found) => reencryptBatch(tx, tenant, place, found),
  });

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
  tenant: Pick<EncryptedTenant, "secrets" | "tenantId">,
  place: SealedJson,
  found: readonly OutdatedJson[],
): Promise<Omit<ReencryptedPlace, "refused">> {
  const members = found.flatMap((object) => membersOf(place, object));
  const opened = await tenant.secrets.openReadable(tx, tenant.tenantId, members);
  const readable = members.flatMap((member, at) => {
    const plain = opened[at] ?? null;
    return plain === null ? [] : [{ ...member, plain }];
  });
  await writeSealed(tx, tenant, place, readable);
  const lost = members.filter((_member, at) => (opened[at] ?? null) === null);
  return { reencrypted: readable.length, unreadable: lost.map(({ field }) => field) };
}

const membersOf = ({ kind }: SealedJson, object: OutdatedJson): Member[] =>
  Object.entries(object.fields).flatMap(([name, value]) => {
    if (!isSealedValue(value)) return [];
    const field = fieldPosition(kind, name, object.id);
    return [{ object, name, field, value: value.$sealed, isSearchable: value.$index !== undefined }];
  });

import type { Tx } from "../db/database.js";
import { withDeleted } from "../db/show-deleted.js";
import { beforeAll, type EncryptedTenant, type JsonBatch, writeBatch, writeSealed } from "./json-batch.js";
import { findPlainJson, type PlainMembers, type VersionKey } from "./reencrypt-json.store.js";
import type { SealedJson } from "./sealed-json.js";

/** Members of JSON objects that are to be encrypted. */
export interface EncryptedMembers extends PlainMembers {
  /** Names of the members that searches find. */
  readonly searchable: ReadonlySet<string>;
}

/** Whether a text of these names is in plain text, in deleted objects too. */
export const hasPlainJson = async (tx: Tx, place: SealedJson, members: PlainMembers): Promise<boolean> =>
  (await withDeleted(tx, () => findPlainJson(tx, place, { ...members, after: beforeAll, limit: 1 }))).length > 0;

/**
 * Encrypts the texts of these names in the next JSON objects of a place. Done is the number of objects that were changed.
 * @param after the last object of the batch before. Null: begins with the first object
 */
export const encryptJson = (
  tenant: EncryptedTenant,
  place: SealedJson,
  { typeKey, names, searchable }: EncryptedMembers,
  after: VersionKey | null,
): Promise<JsonBatch<number>> =>
  writeBatch(tenant, place, after ?? beforeAll, {
    find: (tx, slice) => findPlainJson(tx, place, { typeKey, names, ...slice }),
    write: (tx, found) =>
      writeSealed(
        tx,
        tenant,
        place,
        found.flatMap((object) =>
          names.flatMap((name) => {
            const plain = object.fields[name];
            return typeof plain === "string" ? [{ object, name, plain, isSearchable: searchable.has(name) }] : [];
          }),
        ),
      ),
  });

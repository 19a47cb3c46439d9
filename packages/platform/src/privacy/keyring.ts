import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { readsRequiredSince } from "../consistency/required-reads.js";
import { beganAt } from "../db/began-at.js";
import type { Tx } from "../db/database.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { isUuid } from "@weft/shared/ids";
import type { MasterKeys } from "../secrets/master-keys.js";
import { decrypt, encrypt, encryptAlike } from "./aes-gcm.js";
import { destroyPersonKey, findPersonKeys, insertPersonKeys } from "./person-key.store.js";

/** Shown instead of a personal value if the person's key was destroyed. */
export const erased = "[erased]";
/** Shown instead of a ciphertext that was changed, or copied from another field, person or tenant. */
export const unreadable = "[unreadable]";

const prefix = "enc:v1:";
/** Maximum time for which a process can still use a destroyed key. */
const CACHE_MS = 60_000;
const CACHED_KEYS = 10_000;

/** A personal value with its person and position. `field` (`identity.users.email`) is bound to the ciphertext. */
export interface PersonalValue {
  /** UUID */
  readonly personId: string;
  readonly field: string;
  readonly value: string;
  /** Whether equal values of a person have equal ciphertexts, which `searched` finds. */
  readonly isSearchable?: true;
}

/**
 * Encrypts personal values with a key per person (AES-256-GCM). The key is encrypted with the installation's master key and stored in
 * `app.person_keys`. Destroying the key in that row erases the person everywhere. Hashes cover the ciphertext, so they stay valid.
 */
export interface PersonKeyring {
  /** Returns the ciphertexts in the order of the values. Creates missing keys. At most two statements, or none if the keys are cached. */
  seal(tx: Tx, tenantId: string, values: readonly PersonalValue[]): Promise<string[]>;
  /**
   * Returns the plaintexts in the order of the values (`value` is the ciphertext): `[erased]` if the key was destroyed, `[unreadable]` if the
   * ciphertext is not the one originally written there. At most one statement. SERVICE_UNAVAILABLE without the correct master key.
   */
  open(tx: Tx, tenantId: string, values: readonly Omit<PersonalValue, "personId">[]): Promise<string[]>;
  /**
   * Returns the ciphertexts that a searchable value can have, one for each of the persons who have a key. At most one statement, or none if the keys are
   * cached.
   */
  searched(tx: Tx, tenantId: string, value: Omit<PersonalValue, "personId">, personIds: readonly string[]): Promise<string[]>;
  /** Creates the key of a new person, in the transaction that creates the row. */
  create(tx: Tx, tenantId: string, personId: string): Promise<void>;
  /** Permanently destroys a person's key. Other processes can still decrypt values for up to a minute. */
  destroy(tx: Tx, tenantId: string, personId: string): Promise<void>;
}

/** Returns whether the value is a text returned by `seal`. */
export const isSealed = (value: unknown): value is string => typeof value === "string" && value.startsWith(prefix);

/** Returns the keyring of an installation. If its master keys are lost, all personal values in audit entries and events are lost. */
export function personKeyring(masterKeys: MasterKeys): PersonKeyring {
  const cache = new LRUCache<string, { readonly key: Buffer; readonly readAt: number }>({ max: CACHED_KEYS, ttl: CACHE_MS });
  // Keys created in this transaction. They can still be rolled back, so only this transaction uses them.
  const ofTransaction = new WeakMap<Tx, Map<string, Buffer>>();

  function cachedKey(tenantId: string, personId: string): Buffer | undefined {
    const cached = cache.get(cacheKey(tenantId, personId));
    return cached && cached.readAt >= readsRequiredSince(tenantId) ? cached.key : undefined;
  }

  async function keysOf(tx: Tx, tenantId: string, personIds: Iterable<string>, mode: "make" | "find"): Promise<Map<string, Buffer | null>> {
    const keys = new Map<string, Buffer | null>();
    const unknown = new Set<string>();
    for (const personId of personIds) {
      const key = ofTransaction.get(tx)?.get(cacheKey(tenantId, personId)) ?? cachedKey(tenantId, personId);
      if (key) keys.set(personId, key);
      else unknown.add(personId);
    }
    await load(tx, tenantId, unknown, keys);
    const missing = mode === "make" ? [...unknown].filter((personId) => !keys.has(personId)) : [];
    if (missing.length > 0) {
      await insertPersonKeys(
        tx,
        tenantId,
        missing.map((personId) => ({ personId, wrappedKey: masterKeys.wrap(personKeyPosition(tenantId, personId), randomBytes(32)) })),
      );
      // Reads the keys again instead of using the generated ones, because a concurrent transaction may have created a key first.
      await load(tx, tenantId, new Set(missing), keys);
    }
    return keys;
  }

  async function load(tx: Tx, tenantId: string, personIds: ReadonlySet<string>, into: Map<string, Buffer | null>): Promise<void> {
    if (personIds.size === 0) return;
    for (const row of await findPersonKeys(tx, [...personIds])) {
      const key = row.wrappedKey === null ? null : unwrap(masterKeys, tenantId, row.personId, row.wrappedKey);
      into.set(row.personId, key);
      if (key === null) continue;
      if (row.isOfThisTransaction) remember(tx, cacheKey(tenantId, row.personId), key);
      else cache.set(cacheKey(tenantId, row.personId), { key, readAt: beganAt(tx) });
    }
  }

  function remember(tx: Tx, name: string, key: Buffer): void {
    const keys = ofTransaction.get(tx) ?? new Map<string, Buffer>();
    keys.set(name, key);
    ofTransaction.set(tx, keys);
  }

  return {
    seal: async (tx, tenantId, values) => {
      const keys = await keysOf(tx, tenantId, new Set(values.map((value) => value.personId)), "make");
      return values.map((value) => {
        const key = keys.get(value.personId);
        // Values written about an erased person stay erased.
        return key ? ciphertextOf(key, tenantId, value) : erased;
      });
    },
    searched: async (tx, tenantId, value, personIds) => {
      const keys = await keysOf(tx, tenantId, new Set(personIds), "find");
      return [...keys].flatMap(([personId, key]) => (key ? ciphertextOf(key, tenantId, { ...value, personId }) : []));
    },
    open: async (tx, tenantId, values) => {
      const parsed = values.map(({ value }) => parse(value));
      const keys = await keysOf(tx, tenantId, new Set(parsed.flatMap((sealed) => sealed?.personId ?? [])), "find");
      return values.map(({ field }, at) => {
        const sealed = parsed[at];
        if (!sealed) return unreadable;
        const key = keys.get(sealed.personId);
        return key ? (decrypt(key, aad(tenantId, sealed.personId, field), sealed.ciphertext)?.toString() ?? unreadable) : erased;
      });
    },
    create: async (tx, tenantId, personId) => {
      await keysOf(tx, tenantId, [personId], "make");
    },
    destroy: async (tx, tenantId, personId) => {
      await destroyPersonKey(tx, tenantId, personId);
      cache.delete(cacheKey(tenantId, personId));
      ofTransaction.get(tx)?.delete(cacheKey(tenantId, personId));
    },
  };
}

function ciphertextOf(key: Buffer, tenantId: string, { personId, field, value, isSearchable }: PersonalValue): string {
  const encrypted = (isSearchable ? encryptAlike : encrypt)(key, aad(tenantId, personId, field), Buffer.from(value));
  return `${prefix}${personId}:${encrypted}`;
}

const cacheKey = (tenantId: string, personId: string): string => `${tenantId}|${personId}`;
const aad = (tenantId: string, personId: string, field: string): Buffer => Buffer.from(`${tenantId}|${personId}|${field}`);

function parse(value: string): { personId: string; ciphertext: string } | null {
  const [personId, ciphertext, ...more] = value.slice(prefix.length).split(":");
  return isSealed(value) && isUuid(personId) && ciphertext && more.length === 0 ? { personId, ciphertext } : null;
}

/** Position of a person's key, which its ciphertext is bound to. */
export const personKeyPosition = (tenantId: string, personId: string): string => `${tenantId}|${personId}|app.person_keys.wrapped_key`;

function unwrap(masterKeys: MasterKeys, tenantId: string, personId: string, wrapped: string): Buffer {
  const key = masterKeys.unwrap(personKeyPosition(tenantId, personId), wrapped);
  if (!key) throw new ServiceUnavailable("personal data", new Error(`The master key cannot decrypt the key of person ${personId}.`));
  return key;
}

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Tx } from "../db/database.js";
import { ServiceUnavailable } from "../errors/errors.js";
import { isUuid } from "../ids/uuid-v7.js";
import { destroyPersonKey, findPersonKeys, insertPersonKeys } from "./person-key.store.js";

/** Shown in place of a personal value whose person's key was destroyed. */
export const erased = "[erased]";
/** Shown in place of a ciphertext that was changed, or moved from another field, person or tenant. */
export const unreadable = "[unreadable]";

const prefix = "enc:v1:";
/** A destroyed key is forgotten by every process after this time at the latest. */
const CACHE_MS = 60_000;
const CACHED_KEYS = 10_000;

/** A personal value: whose it is and where it stands. `field` (`identity.users.email`) is bound to the ciphertext. */
export interface PersonalValue {
  /** UUID */
  readonly personId: string;
  readonly field: string;
  readonly value: string;
}

/**
 * Encrypts personal values under a key per person (AES-256-GCM), which is itself wrapped by the installation's master key and kept in
 * `app.person_keys`. Destroying the row's key erases the person everywhere: hashes cover the ciphertext, so they stay valid.
 */
export interface PersonKeyring {
  /** Ciphertexts in the order of the values; makes missing keys. At most two statements, none when the keys are cached. */
  seal(tx: Tx, tenantId: string, values: readonly PersonalValue[]): Promise<string[]>;
  /** Plain texts in the order of the values (`value` is the ciphertext): `[erased]` where the key is destroyed, `[unreadable]` where the
   * ciphertext is not the one that was written there. At most one statement. SERVICE_UNAVAILABLE without the right master key. */
  open(tx: Tx, tenantId: string, values: readonly Omit<PersonalValue, "personId">[]): Promise<string[]>;
  /** Makes the key of a new person, in the transaction of the row. */
  create(tx: Tx, tenantId: string, personId: string): Promise<void>;
  /** Destroys a person's key for good. Other processes may still open values for up to a minute. */
  destroy(tx: Tx, tenantId: string, personId: string): Promise<void>;
}

/** True for a text that `seal` has made. */
export const isSealed = (value: unknown): value is string => typeof value === "string" && value.startsWith(prefix);

/** @param masterKey 32 bytes; losing it loses every personal value in audit and events */
export function personKeyring(masterKey: Uint8Array): PersonKeyring {
  if (masterKey.length !== 32) throw new Error(`The master key has ${masterKey.length} bytes; 32 are needed.`);
  const cache = new LRUCache<string, Buffer>({ max: CACHED_KEYS, ttl: CACHE_MS });
  // A key that this transaction made may still be rolled back: it serves this transaction only.
  const ofTransaction = new WeakMap<Tx, Map<string, Buffer>>();

  async function keysOf(tx: Tx, tenantId: string, personIds: Iterable<string>, mode: "make" | "find"): Promise<Map<string, Buffer | null>> {
    const keys = new Map<string, Buffer | null>();
    const unknown = new Set<string>();
    for (const personId of personIds) {
      const key = ofTransaction.get(tx)?.get(cacheKey(tenantId, personId)) ?? cache.get(cacheKey(tenantId, personId));
      if (key) keys.set(personId, key);
      else unknown.add(personId);
    }
    await load(tx, tenantId, unknown, keys);
    const missing = mode === "make" ? [...unknown].filter((personId) => !keys.has(personId)) : [];
    if (missing.length > 0) {
      await insertPersonKeys(
        tx,
        tenantId,
        missing.map((personId) => ({ personId, wrappedKey: wrap(masterKey, tenantId, personId, randomBytes(32)) })),
      );
      // Read again rather than trust ours: another transaction may have made the key a moment before.
      await load(tx, tenantId, new Set(missing), keys);
    }
    return keys;
  }

  async function load(tx: Tx, tenantId: string, personIds: ReadonlySet<string>, into: Map<string, Buffer | null>): Promise<void> {
    if (personIds.size === 0) return;
    for (const row of await findPersonKeys(tx, [...personIds])) {
      const key = row.wrappedKey === null ? null : unwrap(masterKey, tenantId, row.personId, row.wrappedKey);
      into.set(row.personId, key);
      if (key === null) continue;
      if (row.isOfThisTransaction) remember(tx, cacheKey(tenantId, row.personId), key);
      else cache.set(cacheKey(tenantId, row.personId), key);
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
      return values.map(({ personId, field, value }) => {
        const key = keys.get(personId);
        // What is written about an erased person stays erased.
        return key ? `${prefix}${personId}:${encrypt(key, aad(tenantId, personId, field), Buffer.from(value))}` : erased;
      });
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

const cacheKey = (tenantId: string, personId: string): string => `${tenantId}|${personId}`;
const aad = (tenantId: string, personId: string, field: string): Buffer => Buffer.from(`${tenantId}|${personId}|${field}`);

function parse(value: string): { personId: string; ciphertext: string } | null {
  const [personId, ciphertext, ...more] = value.slice(prefix.length).split(":");
  return isSealed(value) && isUuid(personId) && ciphertext && more.length === 0 ? { personId, ciphertext } : null;
}

const wrap = (masterKey: Uint8Array, tenantId: string, personId: string, key: Buffer): string =>
  `v1:${encrypt(masterKey, aad(tenantId, personId, "app.person_keys.wrapped_key"), key)}`;

function unwrap(masterKey: Uint8Array, tenantId: string, personId: string, wrapped: string): Buffer {
  const key = decrypt(masterKey, aad(tenantId, personId, "app.person_keys.wrapped_key"), wrapped.slice("v1:".length));
  if (!key) throw new ServiceUnavailable("personal data", new Error(`The master key does not open the key of person ${personId}.`));
  return key;
}

/** base64url of nonce (12 bytes), tag (16), ciphertext. */
function encrypt(key: Uint8Array, additional: Buffer, plain: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(additional);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
}

/** null when the text was changed, moved to another field or person, or encrypted under another key. */
function decrypt(key: Uint8Array, additional: Buffer, text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < 28) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(additional);
  decipher.setAuthTag(bytes.subarray(12, 28));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  } catch {
    return null;
  }
}

import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Tx } from "../db/database.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { decrypt, encrypt } from "../privacy/aes-gcm.js";
import type { MasterKeys } from "./master-keys.js";
import { findTenantKeys, insertTenantKey } from "./tenant-key.store.js";

const prefix = "sec:v1:";
/** Maximum time for which a process still encrypts with a key after a newer one was created, and decrypts with one that was destroyed. */
const CACHE_MS = 60_000;
const CACHED_TENANTS = 10_000;

/** A secret and its position: table, column and the row's UUID, such as `audit.webhooks.secret/0190…`. The position is bound to the ciphertext. */
export interface Secret {
  readonly field: string;
  readonly value: string;
}

/** A secret that equality searches can find. */
export interface SearchableSecret extends Secret {
  /** What the blind index is bound to, such as `requests.buildings.fields.taxId`: equal values within it have the same index. Null: no index. */
  readonly indexedAs: string | null;
}

/** A ciphertext, and the blind index of its plaintext, from the same data key. */
export interface SearchableCiphertext {
  readonly sealed: string;
  readonly index: string | null;
}

/** What an equality search looks for. */
export interface SearchedValue {
  readonly indexedAs: string;
  readonly value: string;
}

/**
 * Encrypts the secrets of tenants (webhook secrets, credentials of integrations) with a data key per tenant (AES-256-GCM). The key is encrypted with
 * the installation's master key and stored in `app.tenant_keys`; ciphertexts contain its number, so that a tenant can have several. A ciphertext that
 * was moved to another row, column or tenant cannot be read.
 */
export interface TenantSecrets {
  /** Returns the ciphertexts in the order of the values. Creates the tenant's key if it is missing. */
  seal(tx: Tx, tenantId: string, secrets: readonly Secret[]): Promise<string[]>;
  /** Like `seal`, with blind indexes. A blind index is an HMAC of the value, from which the value cannot be computed without the data key. */
  sealSearchable(tx: Tx, tenantId: string, secrets: readonly SearchableSecret[]): Promise<SearchableCiphertext[]>;
  /**
   * Returns the blind indexes that each value can have, in the order of the values: one for each of the tenant's data keys. During a rotation, stored
   * indexes are of several keys. At most one statement.
   * @param newest number of the tenant's newest key, so that a key that another process has just created is not overlooked
   */
  blindIndexes(tx: Tx, tenantId: string, values: readonly SearchedValue[], newest: number): Promise<string[][]>;
  /** Like `blindIndexes`, newest key first, with the keys that exist now. Creates the tenant's key if it is missing. */
  currentBlindIndexes(tx: Tx, tenantId: string, values: readonly SearchedValue[]): Promise<string[][]>;
  /**
   * Returns the plaintexts in the order of the values (`value` is the ciphertext). At most one statement.
   * @throws ServiceUnavailable if the key is missing, or the ciphertext is not the one that was written there
   */
  open(tx: Tx, tenantId: string, secrets: readonly Secret[]): Promise<string[]>;
  /** Like `open`, with null for each ciphertext that cannot be decrypted, so that one does not stop the work with the others. */
  openReadable(tx: Tx, tenantId: string, secrets: readonly Secret[]): Promise<(string | null)[]>;
  /**
   * Creates the tenant's next key and returns its number. This process encrypts with it from then on, and the others within a minute. Existing
   * ciphertexts stay readable with the earlier keys.
   */
  rotate(tx: Tx, tenantId: string): Promise<number>;
}

type KeysOfTenant = ReadonlyMap<number, Buffer>;

/** Returns the secrets of an installation. If its master keys are lost, all secrets of tenants are lost. */
export function tenantSecrets(masterKeys: MasterKeys): TenantSecrets {
  const cache = new LRUCache<string, KeysOfTenant>({ max: CACHED_TENANTS, ttl: CACHE_MS });

  async function load(tx: Tx, tenantId: string): Promise<KeysOfTenant> {
    const rows = await findTenantKeys(tx);
    const keys = new Map(rows.map(({ number, wrappedKey }) => [number, unwrap(masterKeys, tenantId, number, wrappedKey)]));
    // A key that this transaction created can still be rolled back, so other transactions must not use it.
    if (keys.size > 0 && !rows.some((row) => row.isOfThisTransaction)) cache.set(tenantId, keys);
    return keys;
  }

  async function keysToSeal(tx: Tx, tenantId: string): Promise<KeysOfTenant> {
    return withFirstKey(tx, tenantId, cache.get(tenantId) ?? (await load(tx, tenantId)));
  }

  async function withFirstKey(tx: Tx, tenantId: string, known: KeysOfTenant): Promise<KeysOfTenant> {
    if (known.size > 0) return known;
    await insertKey(tx, tenantId, 1);
    // Reads the key again, because a concurrent transaction may have created it first.
    return load(tx, tenantId);
  }

  function insertKey(tx: Tx, tenantId: string, number: number): Promise<void> {
    return insertTenantKey(tx, { tenantId, number, wrappedKey: masterKeys.wrap(tenantKeyPosition(tenantId, number), randomBytes(32)) });
  }

  async function openReadable(tx: Tx, tenantId: string, secrets: readonly Secret[]): Promise<(string | null)[]> {
    if (secrets.length === 0) return [];
    const parsed = secrets.map(({ field, value }) => ({ field, ...parse(value) }));
    const cached = cache.get(tenantId);
    const keys = cached && parsed.every(({ number }) => cached.has(number)) ? cached : await load(tx, tenantId);
    return parsed.map(({ field, number, ciphertext }) => {
      const key = keys.get(number);
      return (key && decrypt(key, aad(tenantId, field), ciphertext)?.toString()) ?? null;
    });
  }

  async function sealSearchable(tx: Tx, tenantId: string, secrets: readonly SearchableSecret[]): Promise<SearchableCiphertext[]> {
    if (secrets.length === 0) return [];
    const [[number, key] = [0, undefined]] = await keysToSeal(tx, tenantId);
    if (key === undefined) throw new Error(`The tenant ${tenantId} has no key although one was inserted.`);
    return secrets.map(({ field, value, indexedAs }) => ({
      sealed: `${prefix}${number}:${encrypt(key, aad(tenantId, field), Buffer.from(value))}`,
      index: indexedAs === null ? null : blindIndex(key, tenantId, { indexedAs, value }),
    }));
  }

  return {
    openReadable,
    sealSearchable,
    blindIndexes: async (tx, tenantId, values, newest) => {
      const cached = cache.get(tenantId);
      return indexesUnder(cached?.has(newest) ? cached : await load(tx, tenantId), tenantId, values);
    },
    currentBlindIndexes: async (tx, tenantId, values) =>
      indexesUnder(await withFirstKey(tx, tenantId, await load(tx, tenantId)), tenantId, values),
    rotate: async (tx, tenantId) => {
      const [newest] = await findTenantKeys(tx);
      const number = (newest?.number ?? 0) + 1;
      // Of concurrent rotations, the first one's key stays.
      await insertKey(tx, tenantId, number);
      cache.delete(tenantId);
      return number;
    },
    seal: async (tx, tenantId, secrets) => {
      const sealed = await sealSearchable(
        tx,
        tenantId,
        secrets.map((secret) => ({ ...secret, indexedAs: null })),
      );
      return sealed.map(({ sealed: ciphertext }) => ciphertext);
    },
    open: async (tx, tenantId, secrets) => {
      const opened = await openReadable(tx, tenantId, secrets);
      return opened.map((plain, at) => {
        const field = secrets[at]?.field ?? "";
        if (plain === null)
          throw new ServiceUnavailable("secrets", new Error(`The secret ${field} of tenant ${tenantId} cannot be decrypted.`));
        return plain;
      });
    },
  };
}

const aad = (tenantId: string, field: string): Buffer => Buffer.from(`${tenantId}|${field}`);

const indexesUnder = (keys: KeysOfTenant, tenantId: string, values: readonly SearchedValue[]): string[][] =>
  values.map((value) => [...keys.values()].map((key) => blindIndex(key, tenantId, value)));

/**
 * Returns the blind index of a value: an HMAC-SHA-256 under a key that is derived from the data key for this tenant and field. It is cut to 128 bits, so
 * that two values practically never share one. Shorter indexes would hide more, but make searches find other values, too.
 */
function blindIndex(dataKey: Buffer, tenantId: string, { indexedAs, value }: SearchedValue): string {
  return createHmac("sha256", indexKey(dataKey, tenantId, indexedAs))
    .update(value.normalize("NFC"))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

/** Keys of blind indexes, which live as long as their data keys. Deriving one takes ten times as long as an HMAC. */
const indexKeys = new WeakMap<Buffer, Map<string, Buffer>>();

function indexKey(dataKey: Buffer, tenantId: string, indexedAs: string): Buffer {
  const info = `weft blind index|${tenantId}|${indexedAs}`;
  const derived = indexKeys.get(dataKey) ?? new Map<string, Buffer>();
  indexKeys.set(dataKey, derived);
  const key = derived.get(info) ?? Buffer.from(hkdfSync("sha256", dataKey, "", info, 32));
  derived.set(info, key);
  return key;
}

function parse(value: string): { number: number; ciphertext: string } {
  const [number = "", ciphertext = ""] = value.startsWith(prefix) ? value.slice(prefix.length).split(":") : [];
  return { number: /^[1-9]\d{0,8}$/.test(number) ? Number(number) : 0, ciphertext };
}

/** Position of a tenant's key, which its ciphertext is bound to. */
export const tenantKeyPosition = (tenantId: string, number: number): string => `${tenantId}|app.tenant_keys.wrapped_key/${number}`;

function unwrap(masterKeys: MasterKeys, tenantId: string, number: number, wrapped: string): Buffer {
  const key = masterKeys.unwrap(tenantKeyPosition(tenantId, number), wrapped);
  if (!key) throw new ServiceUnavailable("secrets", new Error(`The master key cannot decrypt key ${number} of tenant ${tenantId}.`));
  return key;
}

import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Tx } from "../db/database.js";
import { ServiceUnavailable } from "../errors/errors.js";
import { decrypt, encrypt } from "../privacy/aes-gcm.js";
import { findTenantKeys, insertTenantKey } from "./tenant-key.store.js";

const prefix = "sec:v1:";
const CACHE_MS = 60_000;
const CACHED_TENANTS = 10_000;

/** A secret and its position: table, column and the row's UUID, such as `audit.webhooks.secret/0190…`. The position is bound to the ciphertext. */
export interface Secret {
  readonly field: string;
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
  /**
   * Returns the plaintexts in the order of the values (`value` is the ciphertext). At most one statement.
   * @throws ServiceUnavailable if the key is missing, or the ciphertext is not the one that was written there
   */
  open(tx: Tx, tenantId: string, secrets: readonly Secret[]): Promise<string[]>;
  /** Like `open`, with null for each ciphertext that cannot be decrypted, so that one does not stop the work with the others. */
  openReadable(tx: Tx, tenantId: string, secrets: readonly Secret[]): Promise<(string | null)[]>;
}

type KeysOfTenant = ReadonlyMap<number, Buffer>;

/**
 * Returns the secrets of an installation.
 * @param masterKey 32 bytes; if it is lost, all secrets of tenants are lost
 */
export function tenantSecrets(masterKey: Uint8Array): TenantSecrets {
  if (masterKey.length !== 32) throw new Error(`The master key has ${masterKey.length} bytes; it must have 32.`);
  const cache = new LRUCache<string, KeysOfTenant>({ max: CACHED_TENANTS, ttl: CACHE_MS });

  async function load(tx: Tx, tenantId: string): Promise<KeysOfTenant> {
    const rows = await findTenantKeys(tx);
    const keys = new Map(rows.map(({ number, wrappedKey }) => [number, unwrap(masterKey, tenantId, number, wrappedKey)]));
    // A key that this transaction created can still be rolled back, so other transactions must not use it.
    if (keys.size > 0 && !rows.some((row) => row.isOfThisTransaction)) cache.set(tenantId, keys);
    return keys;
  }

  async function keysToSeal(tx: Tx, tenantId: string): Promise<KeysOfTenant> {
    const known = cache.get(tenantId) ?? (await load(tx, tenantId));
    if (known.size > 0) return known;
    const number = 1;
    await insertTenantKey(tx, { tenantId, number, wrappedKey: wrap(masterKey, tenantId, number, randomBytes(32)) });
    // Reads the key again, because a concurrent transaction may have created it first.
    return load(tx, tenantId);
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

  return {
    openReadable,
    seal: async (tx, tenantId, secrets) => {
      if (secrets.length === 0) return [];
      const [[number, key] = [0, undefined]] = await keysToSeal(tx, tenantId);
      if (key === undefined) throw new Error(`The tenant ${tenantId} has no key although one was inserted.`);
      return secrets.map(({ field, value }) => `${prefix}${number}:${encrypt(key, aad(tenantId, field), Buffer.from(value))}`);
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

function parse(value: string): { number: number; ciphertext: string } {
  const [number = "", ciphertext = ""] = value.startsWith(prefix) ? value.slice(prefix.length).split(":") : [];
  return { number: /^[1-9]\d{0,8}$/.test(number) ? Number(number) : 0, ciphertext };
}

const keyField = (number: number): string => `app.tenant_keys.wrapped_key/${number}`;

const wrap = (masterKey: Uint8Array, tenantId: string, number: number, key: Buffer): string =>
  `v1:${encrypt(masterKey, aad(tenantId, keyField(number)), key)}`;

function unwrap(masterKey: Uint8Array, tenantId: string, number: number, wrapped: string): Buffer {
  const key = decrypt(masterKey, aad(tenantId, keyField(number)), wrapped.slice("v1:".length));
  if (!key) throw new ServiceUnavailable("secrets", new Error(`The master key cannot decrypt key ${number} of tenant ${tenantId}.`));
  return key;
}

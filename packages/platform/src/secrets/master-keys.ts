import { createHash } from "node:crypto";
import type { Keys } from "../config/keys.js";
import { decrypt, encrypt } from "../privacy/aes-gcm.js";

/**
 * Encrypts ("wraps") the data keys of tenants and persons with the installation's master key. A wrapped key contains the ID of its master key:
 * `v2:<ID>:<ciphertext>`. Keys that were wrapped before master keys had IDs (`v1:<ciphertext>`) are tried with each master key.
 */
export interface MasterKeys {
  /** Encrypts a data key with the current master key. @param position what the ciphertext is bound to: the tenant, the column, and the row */
  wrap(position: string, key: Uint8Array): string;
  /** Returns null if no known master key decrypts it, or if it was changed or copied from another position. */
  unwrap(position: string, wrapped: string): Buffer | null;
  /** Start of keys that the current master key wrapped: `v2:<ID>:`. */
  currentPrefix(): string;
}

type KnownKeys = Pick<Keys, "masterKey" | "nextMasterKey" | "previousMasterKeys">;

/**
 * Returns the ID of a master key. It is derived from the key, so that it need not be kept with it. The key cannot be derived from it.
 */
export const masterKeyId = (key: Uint8Array): string =>
  createHash("sha256").update("weft master key ID\0").update(key).digest("hex").slice(0, 16);

/**
 * Returns the master keys of an installation.
 * @param changed returns the keys if they have been replaced since the last call, else null. Called before a key is wrapped, and for an unknown ID, so
 * that a rotation needs no restart.
 */
export function masterKeys(keys: KnownKeys, changed: () => KnownKeys | null = () => null): MasterKeys {
  let known = toRing(keys);

  function refresh(): void {
    const replaced = changed();
    if (replaced !== null) known = toRing(replaced);
  }

  return {
    wrap(position, key) {
      refresh();
      return `${known.prefix}${encrypt(known.current, Buffer.from(position), Buffer.from(key))}`;
    },
    unwrap(position, wrapped) {
      const { id, ciphertext } = /^v(?:1|2:(?<id>[0-9a-f]+)):(?<ciphertext>[\w-]+)$/.exec(wrapped)?.groups ?? {};
      if (ciphertext === undefined) return null;
      if (id !== undefined && !known.byId.has(id)) refresh();
      return unwrapWith(known, position, id, ciphertext);
    },
    currentPrefix() {
      refresh();
      return known.prefix;
    },
  };
}

/** Returns the master keys of an installation that has only one. @param key 32 bytes */
export const oneMasterKey = (key: Uint8Array): MasterKeys =>
  masterKeys({ masterKey: Buffer.from(key), nextMasterKey: null, previousMasterKeys: [] });

interface Ring {
  readonly current: Buffer;
  readonly prefix: string;
  readonly byId: ReadonlyMap<string, Buffer>;
}

function toRing({ masterKey, nextMasterKey, previousMasterKeys }: KnownKeys): Ring {
  const all = [masterKey, ...(nextMasterKey === null ? [] : [nextMasterKey]), ...previousMasterKeys.map(({ key }) => key)];
  for (const key of all) if (key.length !== 32) throw new Error(`The master key has ${key.length} bytes; it must have 32.`);
  return { current: masterKey, prefix: `v2:${masterKeyId(masterKey)}:`, byId: new Map(all.map((key) => [masterKeyId(key), key])) };
}

function unwrapWith({ byId }: Ring, position: string, id: string | undefined, ciphertext: string): Buffer | null {
  const candidates = id === undefined ? [...byId.values()] : [byId.get(id)];
  for (const key of candidates) {
    const opened = key && decrypt(key, Buffer.from(position), ciphertext);
    if (opened) return opened;
  }
  return null;
}

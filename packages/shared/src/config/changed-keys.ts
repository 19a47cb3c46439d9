import { statSync } from "node:fs";
import { ServiceUnavailable } from "../errors/errors.js";
import type { Config } from "./config.js";
import { type Keys, loadKeys } from "./keys.js";
import { type KeysPlace, openKeys } from "./keys-place.js";

const REFRESH_MS = 60_000;
/** Shorter than the time for which a replaced master key is kept, so that no process still encrypts with one that was removed. */
const STALE_MS = 8 * 60_000;

/** Returns a function that returns the keys if they have been replaced since its last call, and otherwise null. */
export const changedKeys = (place: KeysPlace): (() => Keys | null) =>
  place.vault === undefined ? changedKeysFile(place) : changedVaultKeys(() => openKeys(place));

/**
 * Reads the keys file again if it has changed. A file that cannot be read counts as unchanged, because the keys in memory still work.
 */
function changedKeysFile({ keysFile, mode }: Pick<Config, "keysFile" | "mode">): () => Keys | null {
  let known = stampOf(keysFile);
  return () => {
    const stamp = stampOf(keysFile);
    if (stamp === null || stamp === known) return null;
    try {
      const keys = loadKeys(keysFile, { create: false, mode });
      known = stamp;
      return keys;
    } catch {
      return null;
    }
  };
}

/**
 * Reads the keys again every minute. If that has failed for eight minutes, the function throws ServiceUnavailable: the master key may have been replaced
 * and removed, so no data key must be encrypted with it. What is decrypted already, or can be with known keys, still works.
 */
export function changedVaultKeys(read: () => Promise<Keys>, now = Date.now, refreshMs = REFRESH_MS): () => Keys | null {
  let readAt = now();
  let latest: Keys | null = null;
  let failure: unknown;
  const refresh = async (): Promise<void> => {
    const startedAt = now();
    try {
      latest = await read();
      readAt = startedAt;
    } catch (error) {
      failure = error;
    }
  };
  setInterval(() => void refresh(), refreshMs).unref();
  return () => {
    if (now() - readAt > STALE_MS) throw new ServiceUnavailable("keys", failure);
    const keys = latest;
    latest = null;
    return keys;
  };
}

function stampOf(file: string): string | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

import { statSync } from "node:fs";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { Config } from "./config.js";
import { type Keys, loadKeys } from "./keys.js";
import { type KeysPlace, openKeys } from "./keys-place.js";

const REFRESH_MS = 60_000;
/** Shorter than the time for which a replaced master key is kept, so that no process still encrypts with one that was removed. */
const STALE_MS = 8 * 60_000;

/**
 * Returns a function that returns the keys if they have been replaced since its last call, and otherwise null.
 * @param onError receives each reason for which they cannot be read, once
 */
export function changedKeys(place: KeysPlace, onError: (error: unknown) => void = () => {}): () => Keys | null {
  const report = onceEach(onError);
  return place.vault === undefined ? changedKeysFile(place, report) : changedVaultKeys(() => openKeys(place), { report });
}

/** Reports an error, unless it is the same as the last one. */
interface Report {
  failed(error: unknown): void;
  succeeded(): void;
}

function onceEach(onError: (error: unknown) => void): Report {
  let last: string | null = null;
  return {
    failed(error) {
      if (String(error) === last) return;
      last = String(error);
      onError(error);
    },
    succeeded: () => void (last = null),
  };
}

/**
 * Reads the keys file again if it has changed. A file that cannot be read counts as unchanged, because the keys in memory still work, and is tried again
 * each time: what was wrong, such as its mode, can be mended without a write.
 */
function changedKeysFile({ keysFile, mode }: Pick<Config, "keysFile" | "mode">, report: Report): () => Keys | null {
  let known = stampOf(keysFile);
  return () => {
    const stamp = stampOf(keysFile);
    if (stamp === null || stamp === known) return null;
    try {
      const keys = loadKeys(keysFile, { create: false, mode });
      known = stamp;
      report.succeeded();
      return keys;
    } catch (error) {
      report.failed(error);
      return null;
    }
  };
}

/**
 * Reads the keys again every minute. If that has failed for eight minutes, the function throws ServiceUnavailable: the master key may have been replaced
 * and removed, so no data key must be encrypted with it. What is decrypted already, or can be with known keys, still works.
 */
export function changedVaultKeys(
  read: () => Promise<Keys>,
  { now = Date.now, refreshMs = REFRESH_MS, report = onceEach(() => {}) }: { now?: () => number; refreshMs?: number; report?: Report } = {},
): () => Keys | null {
  let readAt = now();
  let latest: Keys | null = null;
  let failure: unknown;
  const refresh = async (): Promise<void> => {
    const startedAt = now();
    try {
      latest = await read();
      readAt = startedAt;
      report.succeeded();
    } catch (error) {
      failure = error;
      report.failed(error);
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

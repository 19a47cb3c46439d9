import { statSync } from "node:fs";
import type { Config } from "./config.js";
import { type Keys, loadKeys } from "./keys.js";

/**
 * Returns a function that reads the keys file again if it has been replaced or changed since the last call, and otherwise returns null. A file that
 * cannot be read counts as unchanged, because the keys in memory still work.
 */
export function changedKeys({ keysFile, mode }: Pick<Config, "keysFile" | "mode">): () => Keys | null {
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

function stampOf(file: string): string | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

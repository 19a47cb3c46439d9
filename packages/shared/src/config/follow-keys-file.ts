import { statSync } from "node:fs";
import type { Logger } from "../logging/logger.js";
import { type Keys, loadKeys } from "./keys.js";

/** Less than the time that a rotation waits between its steps, by far. */
const defaultIntervalMs = 5_000;

export interface FollowOptions {
  readonly log: Logger;
  readonly mode: "demo" | "production";
  readonly intervalMs?: number;
}

/**
 * Adopts the keys of access tokens whenever the keys file changes, until the returned function is called. The other keys are used until the process
 * ends. Polls, because notifications of changes do not work on all file systems. A file that cannot be read is reported, and the process keeps its keys.
 */
export function followKeysFile(keys: Keys, file: string, { log, mode, intervalMs = defaultIntervalMs }: FollowOptions): () => void {
  let seen = stampOf(file);
  const timer = setInterval(() => {
    const stamp = stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      adopt(keys, loadKeys(file, { create: false, mode }), log);
    } catch (error) {
      log.error({ err: error }, "the keys file has changed but cannot be used; the keys of before remain in use");
    }
  }, intervalMs).unref();
  return () => clearInterval(timer);
}

function adopt(keys: Keys, fresh: Keys, log: Logger): void {
  // Whoever signs or verifies a token reads the object each time, so that one assignment replaces all of them together.
  (keys as { access: Keys["access"] }).access = fresh.access;
  log.info(
    { kid: fresh.access.kid, next: fresh.access.next?.kid, previous: fresh.access.previous.length },
    "the keys of access tokens were read again",
  );
  if (JSON.stringify({ ...keys, access: null }) !== JSON.stringify({ ...fresh, access: null }))
    log.warn("other keys in the keys file have changed as well; they are used after a restart");
}

/** Returns what changes with each write. Null if there is no file. */
function stampOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : null;
}

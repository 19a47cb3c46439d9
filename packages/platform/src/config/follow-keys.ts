import { isDeepStrictEqual } from "node:util";
import type { Logger } from "../logging/logger.js";
import type { Keys } from "./keys.js";

/** Less than the time that a rotation waits between its steps, by far. */
const defaultIntervalMs = 5_000;

/** For `changedKeys`: reports keys that have changed and cannot be read, once for each reason. */
export const reportingUnreadKeys =
  (log: Logger): ((error: unknown) => void) =>
  (error) =>
    log.error({ err: error }, "the keys cannot be read again; those of before remain in use");

/** What `followKeys` returns. */
export interface FollowedKeys {
  /** Returns the keys if they have been replaced since its last call, and otherwise null. For master keys, which look before they encrypt. */
  readonly changed: () => Keys | null;
  /** Ends the following. */
  readonly stop: () => void;
}

/**
 * Lets a process notice changes of its keys without a restart. The keys of access tokens in `keys` are replaced, and master keys ask for the others with
 * `changed`. The remaining keys are used until the process ends. Polls, because notifications of changes do not work on all file systems.
 * @param source `changedKeys`, created before `keys` were read, so that no change in between is missed
 */
export function followKeys(
  keys: Keys,
  source: () => Keys | null,
  { log, intervalMs = defaultIntervalMs }: { readonly log: Logger; readonly intervalMs?: number },
): FollowedKeys {
  let latest: Keys = { ...keys };
  let unread: Keys | null = null;
  const look = (): void => {
    const fresh = source();
    // Vault is read again whether or not its keys have changed.
    if (fresh === null || isDeepStrictEqual(fresh, latest)) return;
    adopt(keys, { fresh, latest, log });
    latest = fresh;
    unread = fresh;
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch {
      // `source` has reported it. Those who encrypt with a master key get the error from `changed`.
    }
  }, intervalMs).unref();
  return {
    changed() {
      look();
      const fresh = unread;
      unread = null;
      return fresh;
    },
    stop: () => clearInterval(timer),
  };
}

function adopt(keys: Keys, { fresh, latest, log }: { readonly fresh: Keys; readonly latest: Keys; readonly log: Logger }): void {
  if (!isDeepStrictEqual(fresh.access, latest.access)) {
    // Whoever signs or verifies a token reads the object each time, so that one assignment replaces all of them together.
    (keys as { access: Keys["access"] }).access = fresh.access;
    log.info(
      { kid: fresh.access.kid, next: fresh.access.next?.kid, previous: fresh.access.previous.length },
      "the keys of access tokens were read again",
    );
  }
  if (!isDeepStrictEqual(fixed(fresh), fixed(latest))) log.warn("other keys have changed as well; they are used after a restart");
}

/** The keys that a running process does not replace. */
const fixed = ({ checkpoint, refresh, cursor, internalCall, databasePasswords }: Keys): object => ({
  checkpoint,
  refresh,
  cursor,
  internalCall,
  databasePasswords,
});

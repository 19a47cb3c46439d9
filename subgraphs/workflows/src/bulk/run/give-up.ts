import { openIncident } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { asTenant, type Database, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { countGivenUp, type Attempt } from "./attempts.store.js";
import type { BulkOperationRow } from "../bulk.type.js";
import { finishItem, lockNextItem } from "./progress.store.js";

/** Maximum number of attempts at one instance that crashed the process, and of attempts for which the service was not available. */
const MAX_ATTEMPTS = 5;
/** If this many instances crash the process, the cause is assumed to be the operation. */
const MAX_GIVEN_UP = 3;

interface GivingUp {
  readonly app: Database;
  readonly meta: WriteMeta;
  readonly viewer: Viewer;
  readonly operation: BulkOperationRow;
}

/** Returns whether an item was tried so often that it must not delay the others any longer. */
export const isTriedTooOften = ({ deaths, unavailable }: Attempt): boolean => deaths >= MAX_ATTEMPTS || unavailable >= MAX_ATTEMPTS;

/**
 * Gives up an item that was tried too often. If the attempts crashed the process, its instance is stopped with an incident, unless opening the
 * incident fails or crashes too: the item must not delay the others.
 * @returns whether the operation must end because too many items were given up
 */
export async function giveUp({ app, meta, viewer, operation }: GivingUp, { position, deaths, unavailable }: Attempt): Promise<boolean> {
  // The count that reaches its limit first decides, because giving up can crash the process too and then counts as a crash.
  const hasDied = unavailable < MAX_ATTEMPTS;
  const message = hasDied
    ? `The worker crashed ${deaths} times while processing this instance and skipped it. See the worker's log for the cause.`
    : `Tried ${unavailable} times, but the service was not available.`;
  const run = (tell: (tx: Tx, instanceId: string) => Promise<unknown>): Promise<boolean> =>
    asTenant(app, viewer, "write", async (tx) => {
      const item = await lockNextItem(tx, operation.id, position);
      if (!item) return false;
      await tell(tx, item.instanceId);
      await finishItem(tx, item, {
        status: "FAILED",
        code: hasDied ? "INTERNAL" : "SERVICE_UNAVAILABLE",
        message,
        resultVersion: null,
        kept: null,
      });
      return hasDied && (await countGivenUp(tx, operation.id, MAX_ATTEMPTS)) >= MAX_GIVEN_UP;
    });
  if (!hasDied || deaths > MAX_ATTEMPTS) return run(silently);
  const cause = `${encodeId("bulkOperation", operation.id)} (${operation.kind}): ${message}`;
  const incident = { kind: "JOB", message: cause, place: `bulk.${operation.kind.toLowerCase()}` } as const;
  return run((tx, instanceId) => openIncident(tx, meta, instanceId, incident)).catch(() => run(silently));
}

const silently = (): Promise<void> => Promise.resolve();

import { openIncident } from "@weft/engine";
import { asTenant, encodeId, type Database, type Tx, type Viewer, type WriteMeta } from "@weft/shared";
import { countGivenUp, type Attempt } from "./attempts.store.js";
import type { BulkOperationRow } from "./bulk.type.js";
import { finishItem, lockNextItem } from "./progress.store.js";

/** Of tries at one instance that took the process with them, and of those for which the service was not available. */
const MAX_ATTEMPTS = 5;
/** Where so many instances have done so, it is what is done to them. */
const MAX_GIVEN_UP = 3;

interface GivingUp {
  readonly app: Database;
  readonly meta: WriteMeta;
  readonly viewer: Viewer;
  readonly operation: BulkOperationRow;
}

/** Whether an item has been tried so often that it must not keep the others any longer. */
export const isTriedTooOften = ({ deaths, unavailable }: Attempt): boolean => deaths >= MAX_ATTEMPTS || unavailable >= MAX_ATTEMPTS;

/**
 * Goes on without an item that has been tried too often. Where so many tries took the process with them its instance stops with an incident; unless that dies too,
 * or cannot be done: the item must not keep the others.
 * @returns whether the operation has to end, too many having gone so
 */
export async function giveUp({ app, meta, viewer, operation }: GivingUp, { position, deaths, unavailable }: Attempt): Promise<boolean> {
  // What reaches its bound first decides: giving up can die too, and counts as a death then.
  const hasDied = unavailable < MAX_ATTEMPTS;
  const message = hasDied
    ? `The worker stopped ${deaths} times while it did this, and goes on without it; its log says why.`
    : `It was tried ${unavailable} times, and the service was not available.`;
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

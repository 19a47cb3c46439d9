import { openIncident } from "@weft/engine";
import { asTenant, encodeId, type Database, type Tx, type Viewer, type WriteMeta } from "@weft/shared";
import { countGivenUp, type Attempt } from "./attempts.store.js";
import type { BulkOperationRow } from "./bulk.type.js";
import { finishItem, lockNextItem } from "./progress.store.js";

/** Of tries at one instance; those that took the process with them count. */
export const MAX_ATTEMPTS = 5;
/** Where so many instances have done so, it is what is done to them. */
const MAX_GIVEN_UP = 3;

interface GivingUp {
  readonly app: Database;
  readonly meta: WriteMeta;
  readonly viewer: Viewer;
  readonly operation: BulkOperationRow;
}

/**
 * Goes on without an item that has been tried too often. Where nobody knows how the last try ended it took the process with it: then its instance stops with an
 * incident; unless that dies too, or cannot be done: the item must not keep the others.
 * @returns whether the operation has to end, too many having gone so
 */
export async function giveUp({ app, meta, viewer, operation }: GivingUp, { position, earlier, lastCode }: Attempt): Promise<boolean> {
  const hasDied = lastCode === null;
  const message = hasDied
    ? `The worker stopped ${earlier} times while it did this, and goes on without it; its log says why.`
    : `It was tried ${earlier} times, and the service was not available.`;
  const run = (tell: (tx: Tx, instanceId: string) => Promise<unknown>): Promise<boolean> =>
    asTenant(app, viewer, "write", async (tx) => {
      const item = await lockNextItem(tx, operation.id, position);
      if (!item) return false;
      await tell(tx, item.instanceId);
      await finishItem(tx, item, { status: "FAILED", code: lastCode ?? "INTERNAL", message, resultVersion: null, kept: null });
      return hasDied && (await countGivenUp(tx, operation.id, MAX_ATTEMPTS)) >= MAX_GIVEN_UP;
    });
  if (!hasDied || earlier > MAX_ATTEMPTS) return run(silently);
  const cause = `${encodeId("bulkOperation", operation.id)} (${operation.kind}): ${message}`;
  const incident = { kind: "JOB", message: cause, place: `bulk.${operation.kind.toLowerCase()}` } as const;
  return run((tx, instanceId) => openIncident(tx, meta, instanceId, incident)).catch(() => run(silently));
}

const silently = (): Promise<void> => Promise.resolve();

import { channels } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import { asTenant, type Databases } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import type { Logger } from "@weft/platform/logging";
import type { PersonKeyring } from "@weft/platform/privacy";
import type { PubSub } from "@weft/platform/pubsub";
import { type QueueWorker, startQueueWorker } from "@weft/platform/queues";
import { viewerOfUser } from "@weft/platform/rights";
import { hasUnfinishedTries } from "./attempts.store.js";
import { changedEvent, eventsAfter } from "../bulk.events.js";
import type { BulkKind, BulkOperationRow } from "../bulk.type.js";
import { endOperation, findNextOperation, findTenantsWithOperations, lockOperation, recordProgress } from "./progress.store.js";
import { Care } from "./care.js";
import { runNextItem, tryNextItem, type Outcome, type Perform } from "./run-item.js";

/** Tenants processed concurrently. Each uses a connection of the app's pool. */
const CONCURRENT_TENANTS = 2;
/** Items per turn of a tenant, after which progress is published. */
const BATCH = 50;
/** Time limit of a turn, for items that take long. */
const TURN_MS = 1_000;
/** Maximum age of the viewer's rights before they are read again, the same as in the API. */
const RIGHTS_MS = 500;

/** How each kind of operation is performed, and the permission that the user who requested it must still have. */
export type Performers = Readonly<Record<BulkKind, { readonly permission: Permission; readonly perform: Perform }>>;

interface BulkRunnerOptions {
  readonly databases: Pick<Databases, "app" | "worker" | "auth">;
  readonly pubsub: PubSub;
  readonly keyring: PersonKeyring;
  readonly log: Pick<Logger, "info" | "error">;
  readonly performers: Performers;
}

/**
 * Processes bulk operations. Each tenant with operations gets a turn, and within a tenant each operation, so ten thousand items of one tenant do not
 * delay other tenants. Any number of runners can run: locked items are skipped by the others.
 */
export function runBulkOperations(options: BulkRunnerOptions): Promise<QueueWorker> {
  const { databases, pubsub, log } = options;
  const care = new Care();
  return startQueueWorker({
    name: "bulkOperations",
    channel: channels.bulk,
    concurrency: CONCURRENT_TENANTS,
    databases,
    pubsub,
    log,
    findTenants: findTenantsWithOperations,
    handle: async (tenantId, signal) => ((await takeTurn({ ...options, care }, tenantId, signal)) > 0 ? "done" : "nothing"),
  });
}

interface Turn extends BulkRunnerOptions {
  readonly care: Care;
}

/** Processes some items of one operation of the tenant. Returns their number. */
async function takeTurn(turn: Turn, tenantId: string, stopping: AbortSignal): Promise<number> {
  const { databases, care } = turn;
  const next = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
    const operation = await findNextOperation(tx);
    if (!operation) return null;
    const isSuspected = !care.isTrusted(operation.id) && (await hasUnfinishedTries(tx, operation.id));
    return { operation, isSuspected };
  });
  if (!next) return 0;
  const { operation, isSuspected } = next;
  const run = (): Promise<number> => doSome(turn, operation, stopping);
  try {
    const handled = await (isSuspected ? care.alone(run) : run());
    care.trust(operation.id);
    return handled;
  } catch (error) {
    care.forget(operation.id);
    throw error;
  }
}

async function doSome(
  { databases, keyring, log, performers, care }: Turn,
  operation: BulkOperationRow,
  stopping: AbortSignal,
): Promise<number> {
  const { app, auth } = databases;
  const { tenantId } = operation;
  const meta = metaOf(operation, keyring);
  const { permission, perform } = performers[operation.kind as BulkKind];
  const readViewer = (): Promise<Viewer | null> =>
    viewerOfUser(auth, { tenantId, userId: operation.createdBy, sessionId: operation.sessionId ?? operation.id });
  const onBug = (error: unknown): void => log.error({ err: error, tenantId, operation: operation.id }, "item of bulk operation failed");
  const end = (message: string): Promise<void> =>
    tell(databases, meta, operation.id, (tx) => endOperation(tx, operation.id, { status: "FAILED", message }));
  const doNext = care.isTrusted(operation.id) ? runNextItem : tryNextItem;
  const began = performance.now();
  let handled = 0;
  let last: Outcome = "done";
  for (let viewer: Viewer | null = null, readAt = -Infinity; last !== "nothing" && !stopping.aborted;) {
    const now = performance.now();
    if (handled === BATCH || now - began > TURN_MS) break;
    if (now - readAt > RIGHTS_MS) [viewer, readAt] = [await readViewer(), now];
    if (!viewer || !hasPermission(viewer, permission)) {
      await end(
        viewer
          ? `The user who started the operation no longer has the permission ${permission}.`
          : "The user who started the operation is no longer active.",
      );
      return handled + 1;
    }
    last = await doNext({ app, meta, perform, onBug }, { viewer, operation });
    if (last !== "nothing") handled += 1;
    if (last === "broken") {
      await end("The operation crashed the worker repeatedly, at several instances in a row, and was stopped.");
      return handled;
    }
  }
  await tell(databases, meta, operation.id, (tx) => recordProgress(tx, operation.id));
  return handled;
}

/** Changes the operation's own row, unless it has ended in the meantime, and publishes the change. */
async function tell(
  { app }: Pick<Databases, "app">,
  meta: WriteMeta,
  id: string,
  change: (tx: Parameters<typeof lockOperation>[0]) => Promise<BulkOperationRow>,
): Promise<void> {
  await asTenant(app, { tenantId: meta.tenantId, userId: meta.actorId }, "write", async (tx) => {
    const before = await lockOperation(tx, id);
    if (!before) return;
    const isOver = before.status !== "RUNNING";
    const after = isOver ? await recordProgress(tx, id) : await change(tx);
    await appendEvents(tx, meta, isOver ? [changedEvent(after)] : await eventsAfter(tx, after));
  });
}

/** Metadata of all rows that the operation writes. The operation's ID takes the place of the request ID. */
function metaOf({ tenantId, createdBy, sessionId, id }: BulkOperationRow, keyring: PersonKeyring): WriteMeta {
  const requestId = encodeId("bulkOperation", id);
  return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
}

import {
  alone,
  Alarm,
  ServiceUnavailable,
  asTenant,
  appendEvents,
  channels,
  encodeId,
  hasPermission,
  pause,
  viewerOfUser,
  type Databases,
  type Logger,
  type Permission,
  type PersonKeyring,
  type PubSub,
  type Viewer,
  type WriteMeta,
} from "@weft/shared";
import { hasUnfinishedTries } from "./attempts.store.js";
import { changedEvent, eventsAfter } from "../bulk.events.js";
import type { BulkKind, BulkOperationRow } from "../bulk.type.js";
import { endOperation, findNextOperation, findTenantsWithOperations, lockOperation, recordProgress } from "./progress.store.js";
import { Care } from "./care.js";
import { runNextItem, tryNextItem, type Outcome, type Perform } from "./run-item.js";

/** Signals reduce the delay; polling guarantees that nothing is missed. */
const POLL_MS = 2_000;
/** Tenants processed concurrently. Each uses a connection of the app's pool. */
const CONCURRENT_TENANTS = 2;
/** Items per turn of a tenant, after which progress is published. */
const BATCH = 50;
/** Time limit of a turn, for items that take long. */
const TURN_MS = 1_000;
/** Maximum age of the viewer's rights before they are read again, the same as in the API. */
const RIGHTS_MS = 500;

export interface BulkRunner {
  /** Resolves when no operation has items left. For tests and for draining. */
  idle(): Promise<void>;
  /** Stops after the current items. */
  stop(): Promise<void>;
}

/** How each kind of operation is performed, and the permission that the user who requested it must still have. */
export type Performers = Readonly<Record<BulkKind, { readonly permission: Permission; readonly perform: Perform }>>;

interface BulkRunnerOptions {
  readonly databases: Pick<Databases, "app" | "worker" | "auth">;
  readonly pubsub: PubSub;
  readonly keyring: PersonKeyring;
  readonly log: Pick<Logger, "error">;
  readonly performers: Performers;
}

/**
 * Processes bulk operations. Each tenant with operations gets a turn, and within a tenant each operation, so ten thousand items of one tenant do not
 * delay other tenants. Any number of runners can run: locked items are skipped by the others.
 */
export async function runBulkOperations(options: BulkRunnerOptions): Promise<BulkRunner> {
  const { databases, pubsub, log } = options;
  const alarm = new Alarm();
  const stopping = new AbortController();
  const care = new Care();
  const unsubscribe = await pubsub.subscribe(channels.bulk, () => alarm.ring());
  let isAtWork = false;

  const findTenants = (): Promise<string[]> => findTenantsWithOperations(alone(databases.worker));

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      isAtWork = true;
      const handled = await round();
      isAtWork = handled > 0;
      if (handled === 0) await alarm.wait(POLL_MS, stopping.signal);
    }
    isAtWork = false;
  }

  /** Gives each waiting tenant a turn. Returns the number of items processed. */
  async function round(): Promise<number> {
    let handled = 0;
    try {
      const tenants = (await findTenants()).toReversed();
      const takeTurns = async (): Promise<void> => {
        for (let tenantId = tenants.pop(); tenantId !== undefined && !stopping.signal.aborted; tenantId = tenants.pop())
          handled += await takeTurn({ ...options, care }, tenantId, stopping.signal).catch((error: unknown) => failed(error, tenantId));
      };
      await Promise.all(Array.from({ length: Math.min(CONCURRENT_TENANTS, tenants.length) }, takeTurns));
    } catch (error) {
      failed(error);
    }
    return handled;
  }

  function failed(error: unknown, tenantId?: string): 0 {
    // Database outages are reported elsewhere.
    if (!(error instanceof ServiceUnavailable)) log.error({ err: error, tenantId }, "bulk operation stopped, will be retried");
    return 0;
  }

  const running = run();
  return {
    idle: async () => {
      const forever = new AbortController().signal;
      while (isAtWork || (await findTenants()).length > 0 || isAtWork) {
        // Not while it works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
        if (!isAtWork) alarm.ring();
        await pause(5, forever);
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
      await unsubscribe();
    },
  };
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

import {
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
import { changedEvent, eventsAfter } from "./bulk.events.js";
import type { BulkKind, BulkOperationRow } from "./bulk.type.js";
import { endOperation, findNextOperation, findTenantsWithOperations, lockOperation, recordProgress } from "./progress.store.js";
import { Care } from "./care.js";
import { runNextItem, tryNextItem, type Outcome, type Perform } from "./run-item.js";

/** Signals make it fast; this makes it sure. */
const POLL_MS = 2_000;
/** Tenants at the same time: each takes a connection of the app's pool. */
const LANES = 2;
/** Items of one tenant's turn, after which its progress is told. */
const BATCH = 50;
/** A turn is over sooner when its items take long. */
const TURN_MS = 1_000;
/** Rights are read anew when they are older: as old as the API's own may be. */
const RIGHTS_MS = 500;

export interface BulkRunner {
  /** Resolves when no operation has anything left. For tests and for draining. */
  idle(): Promise<void>;
  /** Ends after the items at work. */
  stop(): Promise<void>;
}

/** How each kind is done, and what its asker must still be allowed to. */
export type Performers = Readonly<Record<BulkKind, { readonly permission: Permission; readonly perform: Perform }>>;

interface BulkRunnerOptions {
  readonly databases: Pick<Databases, "app" | "worker" | "auth">;
  readonly pubsub: PubSub;
  readonly keyring: PersonKeyring;
  readonly log: Pick<Logger, "error">;
  readonly performers: Performers;
}

/**
 * Works off operations on many instances: a turn for each tenant that has some, one after the other, so that ten thousand items of one tenant delay nobody
 * else, and within a tenant a turn for each operation. Any number of runners may be at work: what one has taken the others pass over.
 */
export async function runBulkOperations(options: BulkRunnerOptions): Promise<BulkRunner> {
  const { databases, pubsub, log } = options;
  const alarm = new Alarm();
  const stopping = new AbortController();
  const care = new Care();
  const unsubscribe = await pubsub.subscribe(channels.bulk, () => alarm.ring());
  let isAtWork = false;

  const findTenants = (): Promise<string[]> => databases.worker.begin((tx) => findTenantsWithOperations(tx), "read");

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      isAtWork = true;
      const handled = await round();
      isAtWork = handled > 0;
      if (handled === 0) await alarm.wait(POLL_MS, stopping.signal);
    }
    isAtWork = false;
  }

  /** A turn of each tenant that waits; how many items were handled. */
  async function round(): Promise<number> {
    let handled = 0;
    try {
      const tenants = (await findTenants()).toReversed();
      const lane = async (): Promise<void> => {
        for (let tenantId = tenants.pop(); tenantId !== undefined && !stopping.signal.aborted; tenantId = tenants.pop())
          handled += await takeTurn({ ...options, care }, tenantId, stopping.signal).catch((error: unknown) => failed(error, tenantId));
      };
      await Promise.all(Array.from({ length: Math.min(LANES, tenants.length) }, lane));
    } catch (error) {
      failed(error);
    }
    return handled;
  }

  function failed(error: unknown, tenantId?: string): 0 {
    // While the database is away others say so.
    if (!(error instanceof ServiceUnavailable)) log.error({ err: error, tenantId }, "a bulk operation stopped and is tried again");
    return 0;
  }

  const running = run();
  return {
    idle: async () => {
      const forever = new AbortController().signal;
      while (isAtWork || (await findTenants()).length > 0 || isAtWork) {
        alarm.ring();
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

/** Some items of one operation of the tenant; how many. */
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
  const onBug = (error: unknown): void =>
    log.error({ err: error, tenantId, operation: operation.id }, "an item of a bulk operation failed");
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
      await end(viewer ? `Who asked for it has lost the permission ${permission}.` : "Who asked for it is no longer active.");
      return handled + 1;
    }
    last = await doNext({ app, meta, perform, onBug }, { viewer, operation });
    if (last !== "nothing") handled += 1;
    if (last === "broken") {
      await end("It has stopped the worker again and again, at one instance after the other: nothing more of it is done.");
      return handled;
    }
  }
  await tell(databases, meta, operation.id, (tx) => recordProgress(tx, operation.id));
  return handled;
}

/** Changes the operation's own row, unless it has ended meanwhile, and says so. */
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

/** What every row of its work names: the operation stands where requests have their id. */
function metaOf({ tenantId, createdBy, sessionId, id }: BulkOperationRow, keyring: PersonKeyring): WriteMeta {
  const requestId = encodeId("bulkOperation", id);
  return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
}

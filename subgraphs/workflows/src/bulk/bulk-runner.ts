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
import type { BulkKind, BulkOperationRow } from "./bulk.type.js";
import { changedEvent } from "./create-operation.js";
import { endOperation, findNextOperation, findTenantsWithOperations, lockOperation, recordProgress } from "./progress.store.js";
import { runNextItem, type Perform } from "./run-item.js";

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
          handled += await takeTurn(options, tenantId, stopping.signal).catch((error: unknown) => failed(error, tenantId));
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

/** Some items of one operation of the tenant; how many. */
async function takeTurn(
  { databases, keyring, log, performers }: BulkRunnerOptions,
  tenantId: string,
  stopping: AbortSignal,
): Promise<number> {
  const { app, auth } = databases;
  const operation = await asTenant(app, { tenantId }, "read", (tx) => findNextOperation(tx));
  if (!operation) return 0;
  const meta = metaOf(operation, keyring);
  const { permission, perform } = performers[operation.kind as BulkKind];
  const readViewer = (): Promise<Viewer | null> =>
    viewerOfUser(auth, { tenantId, userId: operation.createdBy, sessionId: operation.sessionId ?? operation.id });
  const onBug = (error: unknown): void =>
    log.error({ err: error, tenantId, operation: operation.id }, "an item of a bulk operation failed");
  const began = performance.now();
  let handled = 0;
  for (let viewer: Viewer | null = null, readAt = -Infinity, last = "done"; last !== "nothing" && !stopping.aborted;) {
    const now = performance.now();
    if (handled === BATCH || now - began > TURN_MS) break;
    if (now - readAt > RIGHTS_MS) [viewer, readAt] = [await readViewer(), now];
    if (!viewer || !hasPermission(viewer, permission)) {
      const message = viewer ? `Who asked for it has lost the permission ${permission}.` : "Who asked for it is no longer active.";
      await tell(databases, meta, operation.id, (tx) => endOperation(tx, operation.id, { status: "FAILED", message }));
      return handled + 1;
    }
    last = await runNextItem({ app, meta, perform, onBug }, { viewer, operation });
    if (last !== "nothing") handled += 1;
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
    await appendEvents(tx, meta, [changedEvent(after)]);
  });
}

/** What every row of its work names: the operation stands where requests have their id. */
function metaOf({ tenantId, createdBy, sessionId, id }: BulkOperationRow, keyring: PersonKeyring): WriteMeta {
  const requestId = encodeId("bulkOperation", id);
  return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
}

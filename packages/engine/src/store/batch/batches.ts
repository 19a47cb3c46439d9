/**
 * Batch: combines concurrent transitions and starts of one tenant into one database transaction.
 * Calls that cannot be batched run in their own transactions.
 * This module never mixes tenants, and a rejected transition never affects the others.
 */
import type { Database } from "@weft/platform/db";
import type { InstanceHead } from "../model/instance-head.js";
import { runBatch } from "./run-batch.js";
import { MAX_CHARS } from "./read.js";
import { countBatch, countCall, type UnbatchedReason } from "./call-counts.js";
import { givenWith, namesMore, viewerOf, type QueuedCall } from "./queued-call.js";
import type { AlreadyRead } from "../model/already-read.js";

/** A larger batch gains little, and its first call waits for its last one. */
const MAX_BATCH_SIZE = 40;
/**
 * Per tenant: while the database works on some batches, the next one is decided. With two, many concurrent users took a fifth less processor time,
 * but a tenth more elapsed time.
 */
const MAX_RUNNING_BATCHES = 3;
/** Fewer waiting calls than this join the batch after the running one: a call alone costs several times what it costs in a large batch. */
const MIN_CONCURRENT_SIZE = 20;
/** A batch that takes longer is waiting for something; the other calls of the tenant do not wait for it. */
const SLOW_MS = 100;

/** The row after the write. Without one, the call must run unbatched, for which something might have been read already. */
export type CallResult = { readonly head: InstanceHead } | { readonly head?: undefined; readonly alreadyRead?: AlreadyRead | undefined };

type Waiting = {
  readonly call: QueuedCall;
  readonly resolve: (result: CallResult) => void;
  readonly reject: (error: unknown) => void;
};

type RunningBatch = { readonly startedAt: number };

/** The queued calls of a tenant. */
type TenantQueue = {
  readonly tenantId: string;
  readonly queue: Waiting[];
  readonly batches: Set<RunningBatch>;
  isDue: boolean;
  timer: NodeJS.Timeout | undefined;
};

/**
 * Combines calls of one tenant that arrive at the same time in this process. If no batch of the tenant is running, a call runs at the end of the
 * event loop tick. Calls that arrive while one is running share the next one, which starts when the running one ends, after 100 ms, or when enough
 * calls are waiting. Under load, at most three batches of a tenant run concurrently.
 */
export class CallBatches {
  readonly #db: Database;
  readonly #slowMs: number;
  readonly #queues = new Map<string, TenantQueue>();

  /** `slowMs`: maximum time for which calls wait for a running batch. Tests replace it. */
  constructor(db: Database, { slowMs = SLOW_MS }: { readonly slowMs?: number } = {}) {
    this.#db = db;
    this.#slowMs = slowMs;
  }

  /** Runs the call, unless it cannot be batched. The caller holds no connection meanwhile. Errors: as `fireInstance` and `startInstance`. */
  submit(call: QueuedCall): Promise<CallResult> {
    const reason = whyAlone(call);
    if (reason !== null) {
      countCall({ unbatched: reason });
      return Promise.resolve({});
    }
    const tenantQueue = this.#queueOf(call.meta.tenantId);
    return new Promise((resolve, reject) => {
      tenantQueue.queue.push({ call, resolve, reject });
      this.#wake(tenantQueue);
    });
  }

  #queueOf(tenantId: string): TenantQueue {
    let tenantQueue = this.#queues.get(tenantId);
    if (!tenantQueue)
      this.#queues.set(tenantId, (tenantQueue = { tenantId, queue: [], batches: new Set(), isDue: false, timer: undefined }));
    return tenantQueue;
  }

  /** At the end of the event loop tick, so that all calls that arrived in it share a batch. */
  #wake(tenantQueue: TenantQueue): void {
    if (tenantQueue.isDue) return;
    tenantQueue.isDue = true;
    setImmediate(() => {
      tenantQueue.isDue = false;
      this.#dispatch(tenantQueue);
    });
  }

  #dispatch(tenantQueue: TenantQueue): void {
    while (tenantQueue.queue.length > 0) {
      const now = performance.now();
      const waitMs = waitMsOf(tenantQueue, now, this.#slowMs);
      // Set anew each time: with more calls, the queue waits for something else.
      clearTimeout(tenantQueue.timer);
      if (waitMs > 0) {
        tenantQueue.timer = setTimeout(() => this.#dispatch(tenantQueue), waitMs);
        return;
      }
      const batch = { startedAt: now };
      tenantQueue.batches.add(batch);
      void this.#run(tenantQueue.tenantId, tenantQueue.queue.splice(0, MAX_BATCH_SIZE)).finally(() => this.#finish(tenantQueue, batch));
    }
  }

  async #run(tenantId: string, members: readonly Waiting[]): Promise<void> {
    countBatch();
    try {
      const answers = await runBatch(
        this.#db,
        tenantId,
        members.map(({ call }) => call),
      );
      for (const [index, { resolve, reject }] of members.entries()) {
        const answer = answers[index];
        if (!answer) throw new Error("a call of a batch has no answer");
        countCall(answer.kind === "unbatched" ? { unbatched: answer.reason } : answer.kind);
        if (answer.kind === "refused") reject(answer.error);
        else if (answer.kind === "written") resolve({ head: answer.head });
        else resolve({ alreadyRead: answer.alreadyRead });
      }
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  }

  #finish(tenantQueue: TenantQueue, batch: RunningBatch): void {
    tenantQueue.batches.delete(batch);
    if (tenantQueue.queue.length > 0) this.#wake(tenantQueue);
    else if (tenantQueue.batches.size === 0) this.#queues.delete(tenantQueue.tenantId);
  }
}

/** Returns the maximum time that the queue waits for running batches. Zero: its next batch starts now. */
function waitMsOf({ queue, batches: running }: TenantQueue, now: number, slowMs: number): number {
  const fresh = [...running].map(({ startedAt }) => now - startedAt).filter((age) => age < slowMs);
  const isEnough = queue.length >= MIN_CONCURRENT_SIZE && fresh.length < MAX_RUNNING_BATCHES;
  return isEnough || fresh.length === 0 ? 0 : slowMs - Math.max(...fresh);
}

/**
 * Why a call cannot be batched, or null if it possibly can. Row-level security supports only one vendor user per transaction. Anything else that a start
 * references is looked up without a batch.
 */
function whyAlone(call: QueuedCall): UnbatchedReason | null {
  if (viewerOf(call).vendorId !== null) return "vendor";
  if ("starting" in call && namesMore(call.starting)) return "references";
  return isLarge(call) ? "large" : null;
}

const isLarge = (call: QueuedCall): boolean => (JSON.stringify(givenWith(call))?.length ?? 0) > MAX_CHARS;

const batches = new WeakMap<Database, CallBatches>();

/** The batches of a pool: everything that writes through the pool shares them. */
export function batchesOf(db: Database): CallBatches {
  let found = batches.get(db);
  if (!found) batches.set(db, (found = new CallBatches(db)));
  return found;
}

import { ServiceUnavailable } from "@weft/shared/errors";
import { type EventEnvelope, isTriggering } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, isRetryable, mapDatabaseError, type Tx } from "@weft/platform/db";
import { isReplayed, metaOfWork, readEventsOfTypes, wakeRelay } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import type { DueSource } from "../../due-work/due-source.js";
import { hasName, runTrigger } from "../act/trigger.consumer.js";
import { findTrigger, holdTrigger, type TriggerRow } from "../trigger.store.js";
import {
  findNextReplay,
  findReplayToContinue,
  findTenantsWithReplays,
  lockRunningReplay,
  recordProgress,
  type Progress,
  type TriggerReplayRow,
} from "./trigger-replay.store.js";
import type { TriggerReplayStopReason } from "./trigger-replay.type.js";

/** Events of the trigger's type that one transaction examines. */
const BATCH = 20;
/** Maximum duration of a batch: it holds locks of instances and counters, for which live events and requests of the tenant wait. */
const BATCH_MS = 250;
/** Runs of one replay. */
const MAX_RUNS = 10_000;
/** If this many runs fail in a row, the cause is not the events. The rest waits until it is fixed, because no event is run twice. */
const MAX_FAILURES_IN_ROW = 10;

type StopReason = keyof typeof TriggerReplayStopReason;
type Parts = Pick<Services, "databases" | "pubsub" | "keyring" | "log">;

/**
 * Continues replays to triggers, as a source of due work. Each batch is one transaction that runs the trigger and moves the replay's position, so a
 * worker that is killed repeats nothing and omits nothing. Events on which the trigger has acted before are not run again.
 */
export function dueTriggerReplays(parts: Parts): DueSource {
  const { databases, pubsub, log } = parts;
  return {
    name: "triggerReplays",
    find: findTenantsWithReplays,
    next: findNextReplay,
    run: async (tenantId, limit, signal) => {
      const inTenant = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
      let done = 0;
      while (done < limit && !signal.aborted) {
        const found = await inTenant(findReplayToContinue);
        if (!found) break;
        try {
          if (!(await inTenant((tx) => continueReplay(tx, parts, found)))) break;
        } catch (error) {
          // An unavailable database, a deadlock or a serialization failure says nothing about the replay.
          if (isRetryable(error) || mapDatabaseError(error) instanceof ServiceUnavailable) throw error;
          log.error({ err: error, tenantId, replay: found.id }, "a replay to a trigger failed");
          await inTenant((tx) => stopReplay(tx, parts, found.id));
        }
        done += 1;
        wakeRelay(pubsub, log);
      }
      return done;
    },
  };
}

/** Runs the trigger for the next events. Returns false if the replay has ended, or another process is continuing it. */
async function continueReplay(tx: Tx, parts: Parts, { id, triggerId }: Pick<TriggerReplayRow, "id" | "triggerId">): Promise<boolean> {
  // Before the replay is locked: a deletion of the trigger locks them in this order.
  const trigger = await holdTrigger(tx, triggerId);
  const replay = trigger && (await lockRunningReplay(tx, id));
  if (!replay) return false;
  const obstacle = obstacleOf(trigger, replay);
  const progress = obstacle ? stopped(replay, obstacle) : await examineNext(tx, parts, trigger, replay);
  await recordProgress(tx, id, progress);
  if (progress.status !== "RUNNING") await auditEnd(tx, parts, replay, trigger);
  return true;
}

function obstacleOf({ isActive, version }: TriggerRow, { triggerVersion }: TriggerReplayRow): StopReason | null {
  if (!isActive) return "TRIGGER_INACTIVE";
  return version === triggerVersion ? null : "TRIGGER_CHANGED";
}

async function examineNext(tx: Tx, parts: Parts, trigger: TriggerRow, replay: TriggerReplayRow): Promise<Progress> {
  const { position: afterPosition, endPosition } = replay;
  const types = isTriggering(trigger.eventType) ? [trigger.eventType] : [];
  const { events, upTo } = await readEventsOfTypes(tx, { afterPosition, head: endPosition, limit: BATCH, types });
  const end = performance.now() + BATCH_MS;
  let progress: Progress = replay;
  for (const event of events) {
    if (!isReplayed(event, replay) || !hasName(trigger, event)) continue;
    progress = await examine(tx, parts, { trigger, event, progress });
    // The events after this one are read again.
    if (progress.status !== "RUNNING" || performance.now() >= end) return progress;
  }
  const position = Math.min(upTo, endPosition);
  return { ...progress, position, status: position >= endPosition ? "COMPLETED" : "RUNNING" };
}

type Examined = { readonly trigger: TriggerRow; readonly event: EventEnvelope; readonly progress: Progress };

async function examine(tx: Tx, parts: Parts, { trigger, event, progress }: Examined): Promise<Progress> {
  const { position, occurredAt: reachedAt } = event;
  const run = await runTrigger(tx, parts, { trigger, event });
  const after = { ...progress, position, reachedAt, examinedCount: progress.examinedCount + 1 };
  if (!run) return after;
  const { outcome, isStopped } = run;
  const isFailed = outcome === "FAILED";
  const runCount = after.runCount + 1;
  const failuresInRow = isFailed ? after.failuresInRow + 1 : 0;
  const failedCount = after.failedCount + (isFailed || outcome === "REJECTED" ? 1 : 0);
  const next = { ...after, runCount, failedCount, failuresInRow };
  if (isStopped) return stopped(next, "TRIGGER_INACTIVE");
  if (failuresInRow >= MAX_FAILURES_IN_ROW) return stopped(next, "RUNS_FAILED");
  return { ...next, status: runCount >= MAX_RUNS ? "LIMIT_REACHED" : "RUNNING" };
}

const stopped = (progress: Progress, stopReason: StopReason): Progress => ({ ...progress, status: "STOPPED", stopReason });

/** Ends a replay whose batch failed, and would fail again. */
async function stopReplay(tx: Tx, parts: Parts, id: string): Promise<void> {
  const replay = await lockRunningReplay(tx, id);
  const trigger = replay && (await findTrigger(tx, replay.triggerId));
  if (!trigger) return;
  await recordProgress(tx, id, stopped(replay, "INTERNAL_ERROR"));
  await auditEnd(tx, parts, replay, trigger);
}

/** The author of the entry is the system. Its request ID is that of the replay. */
async function auditEnd(tx: Tx, { keyring }: Parts, { id, tenantId }: TriggerReplayRow, trigger: TriggerRow): Promise<void> {
  const meta = metaOfWork(encodeId("triggerReplay", id), tenantId, keyring);
  const about = { entityType: "trigger", entityId: trigger.id, before: trigger, after: trigger } as const;
  await writeAudit(tx, meta, [{ action: "trigger.endReplay", ...about }]);
}

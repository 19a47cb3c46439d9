import type { EventPayload } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, type NewEvent, type WriteMeta } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { isoOf } from "@weft/api/timing";
import { updateSchedule, type NewSchedule, type ScheduleRow } from "./schedule.store.js";

/** Metadata of all rows that a run writes: the owner acts, and the schedule's ID takes the place of the request ID. */
export function metaOf({ tenantId, ownerId, id }: ScheduleRow, keyring: PersonKeyring): WriteMeta {
  const requestId = encodeId("schedule", id);
  return { tenantId, actorId: ownerId, onBehalfOf: null, requestId, sessionId: null, address: null, traceId: null, keyring };
}

type RunEvent = "schedule.run_started" | "schedule.run_failed" | "schedule.run_skipped" | "schedule.runs_missed";

export const runEvent = <T extends RunEvent>({ id, version }: ScheduleRow, type: T, payload: EventPayload<T>): AnyNewEvent & NewEvent<T> =>
  ({ type, subjectId: id, subjectVersion: version, payload }) as unknown as AnyNewEvent & NewEvent<T>;

type Step = "pause" | "resume";
const steps = { pause: "schedule.paused", resume: "schedule.resumed" } as const;

/** Changes a locked schedule, with its event and audit entry. */
async function recordStep(
  tx: Tx,
  meta: WriteMeta,
  before: ScheduleRow,
  { step, isAutomatic, changes }: { step: Step; isAutomatic: boolean; changes: Partial<NewSchedule> },
): Promise<ScheduleRow> {
  const after = await updateSchedule(tx, before, changes);
  const { id, name, version } = after;
  await appendEvents(tx, meta, [{ type: steps[step], subjectId: id, subjectVersion: version, payload: { name, isAutomatic } }]);
  await writeAudit(tx, meta, [{ action: `schedule.${step}`, entityType: "schedule", entityId: id, before, after }]);
  return after;
}

/** Who pauses it and until when. If nobody does, it pauses itself. */
interface Pause {
  readonly now: number;
  readonly by?: { readonly userId: string; readonly reason: string; readonly changes: Partial<NewSchedule> };
}

export function recordPaused(tx: Tx, meta: WriteMeta, row: ScheduleRow, { now, by }: Pause): Promise<ScheduleRow> {
  const since = { status: "PAUSED", pausedAt: isoOf(now), pausedBy: by?.userId ?? null, pauseReason: by?.reason ?? null };
  const changes = { ...since, pausedUntil: null, dueAt: isoOf(now), ...by?.changes };
  return recordStep(tx, meta, row, { step: "pause", isAutomatic: by === undefined, changes });
}

export function recordResumed(
  tx: Tx,
  meta: WriteMeta,
  row: ScheduleRow,
  { isAutomatic, changes }: { readonly isAutomatic: boolean; readonly changes?: Partial<NewSchedule> },
): Promise<ScheduleRow> {
  const ended = { status: "ACTIVE", pausedAt: null, pausedBy: null, pauseReason: null, pausedUntil: null, failuresInRow: 0 };
  return recordStep(tx, meta, row, { step: "resume", isAutomatic, changes: { ...ended, ...changes } });
}

import type { EventPayload } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { type NewPlan, type PlanRow, updatePlan } from "./plan.store.js";

/** Metadata of all rows that an occurrence writes: the owner acts, and the plan's ID takes the place of the request ID. */
export function metaOf({ tenantId, ownerId, id }: PlanRow, keyring: PersonKeyring): WriteMeta {
  const requestId = encodeId("maintenancePlan", id);
  return { tenantId, actorId: ownerId, onBehalfOf: null, requestId, sessionId: null, address: null, traceId: null, keyring };
}

type OccurrenceEvent =
  | "maintenancePlan.occurrence_skipped"
  | "maintenancePlan.occurrence_shifted"
  | "maintenancePlan.occurrence_failed"
  | "maintenancePlan.occurrence_generated"
  | "maintenancePlan.occurrences_missed";

export async function tell<T extends OccurrenceEvent>(
  tx: Tx,
  meta: WriteMeta,
  { id, version }: PlanRow,
  { type, payload, related = {} }: { type: T; payload: EventPayload<T>; related?: { request?: string } },
): Promise<void> {
  const event = { type, subjectId: id, subjectVersion: version, related, payload };
  await appendEvents(tx, meta, [event as unknown as Parameters<typeof appendEvents>[2][number]]);
}

/** Pauses or resumes a locked plan, with its event and audit entry. */
export async function recordStep(
  tx: Tx,
  meta: WriteMeta,
  before: PlanRow,
  { step, isAutomatic, changes }: { step: "pause" | "resume"; isAutomatic: boolean; changes: Partial<NewPlan> },
): Promise<PlanRow> {
  const after = await updatePlan(tx, before, changes);
  const { id, name, version } = after;
  const type = step === "pause" ? "maintenancePlan.paused" : "maintenancePlan.resumed";
  await appendEvents(tx, meta, [{ type, subjectId: id, subjectVersion: version, payload: { name, isAutomatic } }]);
  await writeAudit(tx, meta, [{ action: `maintenancePlan.${step}`, entityType: "maintenancePlan", entityId: id, before, after }]);
  return after;
}

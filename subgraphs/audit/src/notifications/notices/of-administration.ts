/** Notices about background work and limits. */
import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import { holdersOf, membersOfProject, membersOfRole, namesOfWork, titledWork, usersOfVendor } from "@weft/platform/directory";
import type { Notice, NoticeAndNamed } from "./notice.js";

/** Notifies the user who started the bulk operation, even if another user stopped it, because it ran in the background. */
export function bulkOperationEnded(
  { subjectId }: EventEnvelope,
  { kind, status, transition, createdBy, total, done, refused, failed, left }: EventPayload<"bulkOperation.ended">,
): Notice {
  const what = {
    TRANSITION: transition ?? "Transition",
    MIGRATION: "Migration",
    UNDO: "Undoing a migration",
    CANCEL_RUNS: "Canceling",
    RESUME_RUNS: "Resuming",
    RETRY_RUNS: "Continuing",
  }[kind];
  const noun = kind.endsWith("_RUNS") ? "run" : "instance";
  const how = { COMPLETED: "", CANCELLED: "Stopped: ", FAILED: "Ended early: " }[status];
  const counts = [
    `${done} done`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left > 0 ? [`${left} unchanged`] : []),
  ];
  return {
    kind: "BULK_OPERATION_ENDED",
    title: `${how}${what} at ${total} ${total === 1 ? noun : `${noun}s`}: ${counts.join(", ")}`,
    params: {
      operationKind: kind,
      status,
      transition: transition ?? "",
      total: String(total),
      done: String(done),
      refused: String(refused),
      failed: String(failed),
      left: String(left),
    },
    subject: { type: "bulkOperation", id: subjectId },
    userIds: [createdBy],
  };
}

/** Notifies the owner. If the schedule has paused itself, also the users who manage schedules, because the owner may have left. */
export async function scheduleFailed(
  tx: Tx,
  { subjectId }: EventEnvelope,
  { name, plannedAt, code, ownerId, isPaused }: EventPayload<"schedule.run_failed">,
): Promise<Notice> {
  const others = isPaused ? await holdersOf(tx, "schedule.manage") : [];
  return {
    kind: "SCHEDULE_FAILED",
    title: `${isPaused ? "A schedule was paused after failed runs" : "A scheduled run failed"}: ${name}`,
    params: { schedule: name, plannedAt, code },
    subject: { type: "schedule", id: subjectId },
    userIds: [...new Set([ownerId, ...others])],
  };
}

/** Notifies the owner. If the plan has paused itself, also the users who can change plans, because the owner may have left. */
export async function maintenanceFailed(
  tx: Tx,
  { subjectId }: EventEnvelope,
  { name, plannedAt, code, ownerId, isPaused }: EventPayload<"maintenancePlan.occurrence_failed">,
): Promise<Notice> {
  const others = isPaused ? await holdersOf(tx, "maintenancePlan.update") : [];
  return {
    kind: "MAINTENANCE_FAILED",
    title: `${isPaused ? "A maintenance plan was paused after failures" : "Maintenance could not be requested"}: ${name}`,
    params: { plan: name, plannedAt, code },
    subject: { type: "maintenancePlan", id: subjectId },
    userIds: [...new Set([ownerId, ...others])],
  };
}

/** Notifies the user who is responsible for the contract. */
export const contractExpiring = (
  { subjectId }: EventEnvelope,
  { number, title, ownerId, endsOn, noticeBy }: EventPayload<"contract.expiring">,
): NoticeAndNamed => ({
  kind: "CONTRACT_EXPIRING",
  title: `Give notice or renew by ${noticeBy}: ${number}, ${title}`,
  params: { contract: number, title, endsOn, noticeBy },
  subject: { type: "contract", id: subjectId },
  userIds: [ownerId],
  named: [ownerId],
});

/** Notifies the users who decide on vendors, and those of the vendor. */
export async function vendorDocumentExpiring(
  tx: Tx,
  { subjectId, related }: EventEnvelope,
  { kind, title, vendorName, validUntil, days }: EventPayload<"vendorDocument.expiring">,
): Promise<Notice> {
  const { vendor } = related;
  const ofVendor = typeof vendor === "string" ? await usersOfVendor(tx, [vendor]) : [];
  return {
    kind: "VENDOR_DOCUMENT_EXPIRING",
    title: `${kind} of ${vendorName} is valid until ${validUntil}: ${title}`,
    params: { kind, title, vendor: vendorName, validUntil, days: String(days) },
    subject: { type: "vendorDocument", id: subjectId },
    userIds: [...new Set([...(await holdersOf(tx, "vendor.approve")), ...ofVendor])],
  };
}

/** Notifies the user who is responsible for the contract. */
export const obligationDue = ({
  contractId,
  number,
  title,
  ownerId,
  dueOn,
  days,
}: EventPayload<"contractObligation.due">): NoticeAndNamed => ({
  kind: "CONTRACT_OBLIGATION_DUE",
  title: `Due on ${dueOn}: ${title} (${number})`,
  params: { contract: number, title, dueOn, days: String(days) },
  subject: { type: "contract", id: contractId },
  userIds: [ownerId],
  named: [ownerId],
});

/** Notifies the user who is responsible for the milestone. */
export const milestoneUpcoming = (
  { subjectId }: EventEnvelope,
  { name, ownerId, dueOn, days }: EventPayload<"milestone.upcoming">,
): NoticeAndNamed => ({
  kind: "MILESTONE_UPCOMING",
  title: `A milestone is due on ${dueOn}: ${name}`,
  params: { milestone: name, dueOn, days: String(days) },
  subject: { type: "milestone", id: subjectId },
  userIds: [ownerId],
  named: [ownerId],
});

/** Notifies the user who is responsible for the milestone. */
export const milestoneOverdue = (
  { subjectId }: EventEnvelope,
  { name, ownerId, dueOn }: EventPayload<"milestone.overdue">,
): NoticeAndNamed => ({
  kind: "MILESTONE_OVERDUE",
  title: `A milestone was due on ${dueOn} and is not reached: ${name}`,
  params: { milestone: name, dueOn },
  subject: { type: "milestone", id: subjectId },
  userIds: [ownerId],
  named: [ownerId],
});

/**
 * Notifies the user who is responsible for the milestone and the members of its project, except the user who approved it. Nobody of an event from before
 * events had these values.
 */
export async function milestoneReached(
  tx: Tx,
  { subjectId, actorId }: EventEnvelope,
  { name, ownerId, dueOn, projectId }: EventPayload<"milestone.reached">,
): Promise<NoticeAndNamed | null> {
  if (name === undefined || ownerId === undefined || dueOn === undefined || projectId === undefined) return null;
  const project = await namesOfWork(tx, { project: projectId });
  const title = `A milestone was reached: ${name}`;
  const others = [ownerId, ...(await membersOfProject(tx, projectId))].filter((userId) => userId !== actorId);
  return {
    kind: "MILESTONE_REACHED",
    title: project === null ? title : titledWork(title, project),
    params: { milestone: name, dueOn },
    subject: { type: "milestone", id: subjectId },
    userIds: [...new Set(others)],
    named: ownerId === actorId ? [] : [ownerId],
  };
}

/** Notifies the user with whose rights the trigger acted, unless somebody deactivated it by hand. */
export function triggerStopped({ subjectId }: EventEnvelope, { name, userId, reason }: EventPayload<"trigger.deactivated">): Notice | null {
  if (reason === null) return null;
  return {
    kind: "TRIGGER_STOPPED",
    title: `A trigger caused itself repeatedly and was deactivated: ${name}`,
    params: { trigger: name, reason },
    subject: { type: "trigger", id: subjectId },
    userIds: [userId],
  };
}

/** Notifies the administrators, who can fix the endpoint and resume the webhook. */
export async function webhookDisabled(
  tx: Tx,
  { subjectId }: EventEnvelope,
  { name, reason }: EventPayload<"webhook.disabled">,
): Promise<Notice> {
  const why = { GONE: "its endpoint is gone", FAILING: "its endpoint failed for five days" }[reason];
  return {
    kind: "WEBHOOK_DISABLED",
    title: `A webhook was disabled, because ${why}: ${name}`,
    params: { webhook: name, reason },
    subject: { type: "webhook", id: subjectId },
    userIds: await membersOfRole(tx, ["admin"]),
  };
}

/** Notifies the administrators, who can see what is wrong with the receiver. */
export async function auditStreamStalled(
  tx: Tx,
  { subjectId }: EventEnvelope,
  { name, failingSince }: EventPayload<"auditStream.stalled">,
): Promise<Notice> {
  return {
    kind: "AUDIT_STREAM_STALLED",
    title: `A stream of the audit trail stands still: ${name}`,
    params: { stream: name, since: failingSince },
    subject: { type: "auditStream", id: subjectId },
    userIds: await membersOfRole(tx, ["admin"]),
  };
}

/** Notifies the administrators, who can act on it. */
export async function usageThreshold(
  tx: Tx,
  { tenantId }: EventEnvelope,
  { limit, used, allowed }: EventPayload<"usage.threshold_reached">,
): Promise<Notice> {
  return {
    kind: "USAGE_THRESHOLD",
    title: `The plan's limit ${limit} is ${used < allowed ? "nearly " : ""}reached: ${used} of ${allowed} used`,
    params: { limit, used: String(used), allowed: String(allowed) },
    subject: { type: "tenant", id: tenantId },
    userIds: await membersOfRole(tx, ["admin"]),
  };
}

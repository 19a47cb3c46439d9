import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { substitutesOf, titledWork, usersWhoCanSee, watchersOf } from "@weft/platform/directory";
import {
  bulkOperationEnded,
  contractExpiring,
  maintenanceFailed,
  obligationDue,
  milestoneOverdue,
  milestoneReached,
  milestoneUpcoming,
  scheduleFailed,
  triggerStopped,
  usageThreshold,
  vendorDocumentExpiring,
  webhookDisabled,
  auditStreamStalled,
} from "./notices/of-administration.js";
import { noticesOfComment } from "./notices/of-comments.js";
import { substitutesAsked, taskAssigned, taskCommented, taskOpened, taskOverdue } from "./notices/of-tasks.js";
import {
  assigned,
  escalated,
  incidentOpened,
  projectVendorAssigned,
  reminded,
  requestTransitioned,
  slaReached,
  vendorOfferChanged,
  workflowNotified,
} from "./notices/of-workflows.js";
import type { Notice, NoticeAndNamed } from "./notices/notice.js";
import { workByRecipients } from "./notices/work-by-recipients.js";

/** Maximum length. A title is shown on one line of a list. */
const maxTitle = 200;

/** Kinds whose titles end with the request, asset, project … that the workflow is about. */
const aboutWork: ReadonlySet<Notice["kind"]> = new Set([
  "TASK_OPENED",
  "TASK_ASSIGNED",
  "TASK_COMMENT",
  "TASK_OVERDUE",
  "REQUEST_TRANSITIONED",
  "ASSIGNED",
  "INCIDENT_OPENED",
  "REMINDER",
  "ESCALATION",
  "SLA_WARNING",
  "SLA_BREACHED",
]);

/** Types of events that cause notifications. Must not include events of notifications, because these would cause an endless loop. */
export const noticedTypes = [
  "task.opened",
  "task.assigned",
  "task.commented",
  "task.overdue",
  "sla.warning",
  "sla.breached",
  "absence.changed",
  "workflow.transitioned",
  "workflow.cancelled",
  "workflow.rolled_back",
  "workflow.assigned",
  "request.commented",
  "request.comment_edited",
  "workflow.incident_opened",
  "workflow.reminded",
  "workflow.notified",
  "escalation.occurred",
  "bulkOperation.ended",
  "schedule.run_failed",
  "maintenancePlan.occurrence_failed",
  "contract.expiring",
  "contractObligation.due",
  "vendorDocument.expiring",
  "projectVendor.assigned",
  "vendorOffer.created",
  "vendorOffer.accepted",
  "vendorOffer.declined",
  "vendorOffer.expired",
  "vendorOffer.withdrawn",
  "milestone.upcoming",
  "milestone.overdue",
  "milestone.reached",
  "usage.threshold_reached",
  "trigger.deactivated",
  "webhook.disabled",
  "auditStream.stalled",
] as const;

/** Returns the notices for an event. Empty if it concerns nobody. No user is in more than one of them. */
export async function noticesOf(tx: Tx, event: EventEnvelope): Promise<Notice[]> {
  // Absences contain nothing that must be hidden from their recipients, and substitutes of the users involved are not notified.
  if (event.type === "absence.changed") return substitutesAsked(event, event.payload as EventPayload<"absence.changed">);
  if (event.type === "request.commented" || event.type === "request.comment_edited") return noticesOfComment(tx, event);
  const found = await anyNoticeOf(tx, event);
  if (found === null) return [];
  const { named = [], ...notice } = found;
  const notices = [notice, ...(await substituteNotices(tx, event, notice, named)), ...(await watcherNotices(tx, event, notice))];
  // The title can contain values of the instance's data, so only users who can see the instance are notified.
  const { instanceId } = event.payload;
  const objectId = typeof instanceId === "string" ? instanceId : notice.subject.id;
  const known = await usersWhoCanSee(tx, [...new Set(notices.flatMap(({ userIds }) => userIds))], objectId);
  const isAboutWork = known.length > 0 && aboutWork.has(notice.kind);
  // An event about a vendor in a project references the vendor only.
  const related = { ...event.related, ...(notice.subject.type === "project" && { project: notice.subject.id }) };
  const split = isAboutWork ? await workByRecipients(tx, { related, instanceId }, known) : [{ work: null, userIds: known }];
  return split.flatMap(({ work, userIds: recipientIds }) =>
    notices.flatMap((one) => {
      const userIds = recipientIds.filter((id) => one.userIds.includes(id));
      return userIds.length > 0 ? [{ ...one, title: shorten(work === null ? one.title : titledWork(one.title, work)), userIds }] : [];
    }),
  );
}

/** Returns the notice of a transition for the watchers of the request, except its owner and the user who fired it. */
async function watcherNotices(tx: Tx, { actorId }: EventEnvelope, notice: Notice): Promise<Notice[]> {
  if (notice.kind !== "REQUEST_TRANSITIONED") return [];
  const { from, to } = notice.params;
  const watchers = await watchersOf(tx, notice.subject.id, "PUBLIC");
  const userIds = watchers.filter((id) => id !== actorId && !notice.userIds.includes(id));
  return [{ ...notice, title: `A request that you watch moved from ${from} to ${to}`, userIds }];
}

/**
 * Returns the same notice for the users who, at the time of the event, are substitutes of the users named by the work. Notices to an absent user
 * therefore do not stay unnoticed.
 */
async function substituteNotices(
  tx: Tx,
  { actorId, occurredAt }: EventEnvelope,
  notice: Notice,
  named: readonly string[],
): Promise<Notice[]> {
  const notified = new Set(notice.userIds);
  const notices = new Map<string, Notice>();
  for (const { absentId, substituteId } of await substitutesOf(tx, named, occurredAt)) {
    if (substituteId === actorId || notified.has(substituteId)) continue;
    notified.add(substituteId);
    const params = { ...notice.params, inPlaceOf: encodeId("user", absentId) };
    const one = notices.get(absentId) ?? { ...notice, title: `As a substitute: ${notice.title}`, params, userIds: [] };
    notices.set(absentId, { ...one, userIds: [...one.userIds, substituteId] });
  }
  return [...notices.values()];
}

function anyNoticeOf(tx: Tx, event: EventEnvelope): Promise<NoticeAndNamed | null> {
  switch (event.type) {
    case "task.opened":
      return taskOpened(tx, event.payload as EventPayload<"task.opened">);
    case "task.assigned":
      return Promise.resolve(taskAssigned(event, event.payload as EventPayload<"task.assigned">));
    case "task.commented":
      return Promise.resolve(taskCommented(event, event.payload as EventPayload<"task.commented">));
    case "workflow.transitioned":
    case "workflow.cancelled":
    case "workflow.rolled_back":
      return requestTransitioned(tx, event, event.payload as EventPayload<"workflow.cancelled">);
    case "workflow.assigned":
      return assigned(tx, event, event.payload as EventPayload<"workflow.assigned">);
    case "projectVendor.assigned":
      return projectVendorAssigned(tx, event, event.payload as EventPayload<"projectVendor.assigned">);
    case "vendorOffer.created":
    case "vendorOffer.accepted":
    case "vendorOffer.declined":
    case "vendorOffer.expired":
    case "vendorOffer.withdrawn":
      return vendorOfferChanged(tx, event, event.payload as EventPayload<"vendorOffer.created">);
    case "workflow.incident_opened":
      return incidentOpened(tx, event, event.payload as EventPayload<"workflow.incident_opened">);
    case "task.overdue":
      return taskOverdue(tx, event.payload as EventPayload<"task.overdue">);
    case "sla.warning":
    case "sla.breached":
      return slaReached(tx, event, event.payload as EventPayload<"sla.warning">);
    case "workflow.reminded":
      return reminded(tx, event, event.payload as EventPayload<"workflow.reminded">);
    case "workflow.notified":
      return workflowNotified(tx, event, event.payload as EventPayload<"workflow.notified">);
    case "escalation.occurred":
      return escalated(tx, event, event.payload as EventPayload<"escalation.occurred">);
    case "bulkOperation.ended":
      return Promise.resolve(bulkOperationEnded(event, event.payload as EventPayload<"bulkOperation.ended">));
    case "schedule.run_failed":
      return scheduleFailed(tx, event, event.payload as EventPayload<"schedule.run_failed">);
    case "maintenancePlan.occurrence_failed":
      return maintenanceFailed(tx, event, event.payload as EventPayload<"maintenancePlan.occurrence_failed">);
    case "contract.expiring":
      return Promise.resolve(contractExpiring(event, event.payload as EventPayload<"contract.expiring">));
    case "contractObligation.due":
      return Promise.resolve(obligationDue(event.payload as EventPayload<"contractObligation.due">));
    case "vendorDocument.expiring":
      return vendorDocumentExpiring(tx, event, event.payload as EventPayload<"vendorDocument.expiring">);
    case "milestone.upcoming":
      return Promise.resolve(milestoneUpcoming(event, event.payload as EventPayload<"milestone.upcoming">));
    case "milestone.overdue":
      return Promise.resolve(milestoneOverdue(event, event.payload as EventPayload<"milestone.overdue">));
    case "milestone.reached":
      return milestoneReached(tx, event, event.payload);
    case "trigger.deactivated":
      return Promise.resolve(triggerStopped(event, event.payload as EventPayload<"trigger.deactivated">));
    case "webhook.disabled":
      return webhookDisabled(tx, event, event.payload as EventPayload<"webhook.disabled">);
    case "auditStream.stalled":
      return auditStreamStalled(tx, event, event.payload as EventPayload<"auditStream.stalled">);
    case "usage.threshold_reached":
      return usageThreshold(tx, event, event.payload as EventPayload<"usage.threshold_reached">);
    default:
      return Promise.resolve(null);
  }
}

const shorten = (title: string): string => (title.length > maxTitle ? `${title.slice(0, maxTitle - 1)}…` : title);

/** Notices about workflows. */
import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import { holdersOf, membersOfTeam, usersOfVendor } from "@weft/platform/directory";
import { findInstanceOwner } from "../instance-owner.store.js";
import { everybodyIn, workSubject, type Notice, type NoticeAndNamed } from "./notice.js";

/** Notifies the owner, unless they fired the transition themselves. */
export async function requestTransitioned(
  tx: Tx,
  { related, actorId }: EventEnvelope,
  { instanceId, from, to }: EventPayload<"workflow.cancelled">,
): Promise<Notice | null> {
  const requestId = related["request"];
  if (requestId === undefined) return null;
  const ownerId = await findInstanceOwner(tx, instanceId);
  const userIds = ownerId === null || ownerId === actorId ? [] : [ownerId];
  return {
    kind: "REQUEST_TRANSITIONED",
    title: `Your request moved from ${from} to ${to}`,
    params: { from, to },
    subject: { type: "request", id: requestId },
    userIds,
  };
}

/** Notifies the user, the members of the team or the users of the vendor, except the user who assigned the work. */
export async function assigned(
  tx: Tx,
  { related, actorId }: EventEnvelope,
  { instanceId, definitionKey, assignee }: EventPayload<"workflow.assigned">,
): Promise<Notice | null> {
  if (assignee === null) return null;
  const toWhom = { USER: "you", TEAM: "your team", VENDOR: "your company" }[assignee.type];
  const userIds = (await usersBehind(tx, assignee)).filter((userId) => userId !== actorId);
  return {
    kind: "ASSIGNED",
    title: `Assigned to ${toWhom}: ${definitionKey}`,
    params: { definitionKey, assigneeType: assignee.type },
    subject: workSubject(related, { instanceId }),
    userIds,
  };
}

/** Notifies the users of a vendor that takes part in a project. */
export async function projectVendorAssigned(
  tx: Tx,
  { related, actorId }: EventEnvelope,
  { projectId, role }: EventPayload<"projectVendor.assigned">,
): Promise<Notice> {
  const vendorId = related["vendor"];
  const users = vendorId === undefined ? [] : await usersOfVendor(tx, [vendorId]);
  return {
    kind: "ASSIGNED",
    title: `Your company takes part in a project: ${role}`,
    params: { role, assigneeType: "VENDOR" },
    subject: { type: "project", id: projectId },
    userIds: users.filter((userId) => userId !== actorId),
  };
}

const endsOfOffers = {
  "vendorOffer.accepted": "An offer was accepted",
  "vendorOffer.declined": "An offer was declined",
  "vendorOffer.expired": "An offer has expired",
  "vendorOffer.withdrawn": "An offer was withdrawn",
} as const;

/** Notifies the users of the vendor of a new offer, and also the user who made it of its end, except the user who acted. */
export async function vendorOfferChanged(
  tx: Tx,
  { type, subjectId, related, actorId }: EventEnvelope,
  { number, title, offeredBy }: EventPayload<"vendorOffer.created">,
): Promise<Notice> {
  const vendorId = related["vendor"];
  const ofVendor = vendorId === undefined ? [] : await usersOfVendor(tx, [vendorId]);
  const isNew = type === "vendorOffer.created";
  const what = isNew ? "Offered to your company" : endsOfOffers[type as keyof typeof endsOfOffers];
  return {
    kind: isNew ? "VENDOR_OFFER" : "VENDOR_OFFER_ENDED",
    title: `${what}: ${number}, ${title}`,
    params: { number, title, event: type },
    subject: { type: "vendorOffer", id: subjectId },
    userIds: [...ofVendor, ...(isNew ? [] : [offeredBy])].filter((userId) => userId !== actorId),
  };
}

/** Notifies the users who can resolve the incident. The details are in the incident itself. */
export async function incidentOpened(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, kind }: EventPayload<"workflow.incident_opened">,
): Promise<Notice> {
  return {
    kind: "INCIDENT_OPENED",
    title: `A workflow cannot continue automatically: ${definitionKey}`,
    params: { definitionKey, incidentKind: kind },
    subject: workSubject(related, { instanceId }),
    userIds: await holdersOf(tx, "incident.resolve"),
  };
}

/** Notifies the users whom the definition's timer references, as they were when it fired. */
export async function reminded(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, timer, taskId, title, ...people }: EventPayload<"workflow.reminded">,
): Promise<NoticeAndNamed> {
  const userIds = await everybodyIn(tx, people);
  return {
    kind: "REMINDER",
    title: `Reminder: ${title}`,
    params: { definitionKey, timer },
    subject: workSubject(related, { instanceId, taskId }),
    userIds,
    named: people.userIds,
  };
}

/** Notifies the users whom an action of the definition references, as they were after the transition. */
export async function workflowNotified(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, state, title, notified }: EventPayload<"workflow.notified">,
): Promise<NoticeAndNamed> {
  return {
    kind: "WORKFLOW_NOTICE",
    title,
    params: { definitionKey, state },
    subject: workSubject(related, { instanceId }),
    userIds: await everybodyIn(tx, notified),
    named: notified.userIds,
  };
}

/** Notifies the users whom the level references, and those to whom it has offered tasks. */
export async function escalated(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, chain, title, level, outcome, about, taskId, notified }: EventPayload<"escalation.occurred">,
): Promise<NoticeAndNamed> {
  return {
    kind: "ESCALATION",
    title: `${title} (level ${level}): ${about}`,
    params: { definitionKey, escalation: chain, level: String(level), outcome },
    subject: workSubject(related, { instanceId, taskId }),
    userIds: await everybodyIn(tx, notified),
    named: notified.userIds,
  };
}

/** Notifies the users whom the definition's SLA references, as they were when the clock reached the warning or its target. */
export async function slaReached(
  tx: Tx,
  { type, related }: EventEnvelope,
  { instanceId, taskId, definitionKey, sla, dueAt, remainingSeconds, notified }: EventPayload<"sla.warning">,
): Promise<NoticeAndNamed | null> {
  if (notified === undefined) return null;
  const isBreach = type === "sla.breached";
  return {
    kind: isBreach ? "SLA_BREACHED" : "SLA_WARNING",
    title: `${isBreach ? "SLA breached" : "SLA at risk"}: ${sla}`,
    params: { definitionKey, sla, dueAt: dueAt ?? "", remainingSeconds: String(remainingSeconds) },
    subject: workSubject(related, { instanceId, taskId }),
    userIds: await everybodyIn(tx, notified),
    named: notified.userIds,
  };
}

function usersBehind(tx: Tx, { type, id }: NonNullable<EventPayload<"workflow.assigned">["assignee"]>): Promise<string[]> {
  switch (type) {
    case "USER":
      return Promise.resolve([id]);
    case "TEAM":
      return membersOfTeam(tx, [id]);
    case "VENDOR":
      return usersOfVendor(tx, [id]);
    default:
      return type satisfies never;
  }
}

import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { RequestTimelineEvent, RequestTimelineKind } from "../gql/graphql";
import type { TimelineEntry } from "./timeline-operations";

export const kindTitles: Readonly<Record<RequestTimelineKind, MessageDescriptor>> = {
  TRANSITION: msg`Steps of the workflow`,
  ASSIGNMENT: msg`Assignments`,
  CHANGE: msg`Changes of fields`,
  COMMENT: msg`Comments`,
  FILE: msg`Files`,
  SLA: msg`Service levels`,
  ESCALATION: msg`Escalations`,
  CONVERSION: msg`Merged, split, converted`,
};

/** What happened. A transition is called by its own name. */
export const eventTitles: Readonly<Record<RequestTimelineEvent, MessageDescriptor>> = {
  START: msg`Created`,
  TRANSITION: msg`Moved on`,
  ASSIGNMENT: msg`Assigned to`,
  DATA: msg`Changed fields`,
  CANCELLATION: msg`Canceled the workflow`,
  COMMENT: msg`Commented`,
  SUSPENSION: msg`Suspended the workflow`,
  RESUMPTION: msg`Resumed the workflow`,
  ROLLBACK: msg`Rolled the workflow back`,
  VOTE: msg`Voted`,
  CHILD: msg`A child workflow ended`,
  INCIDENT: msg`The workflow was stopped by an incident`,
  RESOLUTION: msg`Resolved the incident`,
  MIGRATION: msg`Migrated to another version of the workflow`,
  TIMER: msg`A timer ran`,
  REQUEST_COMMENT: msg`Commented`,
  ATTACHMENT: msg`Attached a file`,
  SLA_START: msg`Service level started`,
  SLA_PAUSE: msg`Service level paused`,
  SLA_RESUME: msg`Service level resumed`,
  SLA_CHANGE: msg`Service level has another target`,
  SLA_BREACH: msg`Service level breached`,
  SLA_MET: msg`Service level met`,
  SLA_MISSED: msg`Service level missed`,
  SLA_CANCELLED: msg`Service level canceled`,
  ESCALATION: msg`Escalated`,
  MERGED: msg`Another request was merged into this one`,
  MERGED_INTO: msg`Merged into another request`,
  SPLIT_OFF: msg`Split off a request`,
  SPLIT_FROM: msg`Split off from a request`,
  CONVERTED: msg`Converted to another type`,
};

const minor: ReadonlySet<RequestTimelineEvent> = new Set([
  "TIMER",
  "SLA_START",
  "SLA_PAUSE",
  "SLA_RESUME",
  "SLA_CHANGE",
  "SLA_MET",
  "SLA_CANCELLED",
  "DATA",
  "MIGRATION",
  "CHILD",
]);

/** Whether an entry is of the workflow's own affairs, and not what a person looks for. */
export const isMinor = ({ event }: TimelineEntry): boolean => minor.has(event);

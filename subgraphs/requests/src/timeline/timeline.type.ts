import { SYSTEM_ID } from "@weft/platform/events";
import { CommentAudience } from "@weft/api/comment-audience";
import { ConnectionArgs, connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { EntityStub } from "@weft/api/subgraph";
import { ArgsType, Field, ObjectType, registerEnumType } from "type-graphql";
import { Principal, Team, User, Vendor } from "../references.js";
import type { TimelineRow } from "./timeline.store.js";

export enum TimelineKind {
  TRANSITION = "TRANSITION",
  ASSIGNMENT = "ASSIGNMENT",
  CHANGE = "CHANGE",
  COMMENT = "COMMENT",
  FILE = "FILE",
  SLA = "SLA",
  ESCALATION = "ESCALATION",
  CONVERSION = "CONVERSION",
}
registerEnumType(TimelineKind, {
  name: "RequestTimelineKind",
  description: "Kinds of entries in the timeline of a request.",
  valuesConfig: {
    TRANSITION: { description: "A step of the workflow: its start, a transition, a suspension, an incident, its end." },
    ASSIGNMENT: { description: "The request was assigned or unassigned." },
    CHANGE: { description: "Fields changed, but not the state." },
    COMMENT: { description: "A comment on the request or on its workflow." },
    FILE: { description: "A file was attached." },
    SLA: { description: "An SLA clock started, paused, resumed, changed its target, reached it, or ended." },
    ESCALATION: { description: "A level of an escalation was due." },
    CONVERSION: { description: "The request was merged with another one, split, or converted to another type." },
  },
});

/** Entries of the history keep the names of `HistoryKind`. */
export enum TimelineEvent {
  START = "START",
  TRANSITION = "TRANSITION",
  ASSIGNMENT = "ASSIGNMENT",
  DATA = "DATA",
  CANCELLATION = "CANCELLATION",
  COMMENT = "COMMENT",
  SUSPENSION = "SUSPENSION",
  RESUMPTION = "RESUMPTION",
  ROLLBACK = "ROLLBACK",
  VOTE = "VOTE",
  CHILD = "CHILD",
  INCIDENT = "INCIDENT",
  RESOLUTION = "RESOLUTION",
  MIGRATION = "MIGRATION",
  TIMER = "TIMER",
  REQUEST_COMMENT = "REQUEST_COMMENT",
  ATTACHMENT = "ATTACHMENT",
  SLA_START = "SLA_START",
  SLA_PAUSE = "SLA_PAUSE",
  SLA_RESUME = "SLA_RESUME",
  SLA_CHANGE = "SLA_CHANGE",
  SLA_BREACH = "SLA_BREACH",
  SLA_MET = "SLA_MET",
  SLA_MISSED = "SLA_MISSED",
  SLA_CANCELLED = "SLA_CANCELLED",
  ESCALATION = "ESCALATION",
  MERGED = "MERGED",
  MERGED_INTO = "MERGED_INTO",
  SPLIT_OFF = "SPLIT_OFF",
  SPLIT_FROM = "SPLIT_FROM",
  CONVERTED = "CONVERTED",
}
registerEnumType(TimelineEvent, {
  name: "RequestTimelineEvent",
  description: "What happened, in more detail than the kind.",
  valuesConfig: {
    START: { description: "The workflow was started." },
    TRANSITION: { description: "A transition was fired." },
    ASSIGNMENT: { description: "The request was assigned or unassigned." },
    DATA: { description: "Fields changed." },
    CANCELLATION: { description: "The workflow was canceled." },
    COMMENT: { description: "A comment on the workflow." },
    SUSPENSION: { description: "The workflow was suspended. `text` contains the reason." },
    RESUMPTION: { description: "The workflow was resumed." },
    ROLLBACK: { description: "The workflow was rolled back to an earlier state." },
    VOTE: { description: "One of several tasks of the state was completed." },
    CHILD: { description: "One of the child instances ended." },
    INCIDENT: { description: "The workflow was stopped by an incident." },
    RESOLUTION: { description: "A user resolved an incident." },
    MIGRATION: { description: "The workflow was migrated to another version of its definition." },
    TIMER: { description: "The actions of a timer were run." },
    REQUEST_COMMENT: { description: "A comment on the request. `comment` contains it." },
    ATTACHMENT: { description: "A file was attached. `attachment` contains it." },
    SLA_START: { description: "An SLA clock started." },
    SLA_PAUSE: { description: "An SLA clock paused." },
    SLA_RESUME: { description: "An SLA clock resumed." },
    SLA_CHANGE: { description: "Another target or calendar applies to an SLA clock." },
    SLA_BREACH: { description: "An SLA clock reached its target." },
    SLA_MET: { description: "An SLA clock ended before its target." },
    SLA_MISSED: { description: "An SLA clock ended after its target." },
    SLA_CANCELLED: { description: "An SLA clock was canceled." },
    ESCALATION: { description: "A level of an escalation was due." },
    MERGED: { description: "Another request was merged into this one. `otherRequest` is that request." },
    MERGED_INTO: { description: "This request was merged into another one. `otherRequest` is that request." },
    SPLIT_OFF: { description: "A part of this request became another one. `otherRequest` is that request." },
    SPLIT_FROM: { description: "This request was created from a part of another one. `otherRequest` is that request." },
    CONVERTED: { description: "The request was converted to another type. `formerWorkflow` is its workflow until then." },
  },
});

@ArgsType()
export class TimelineArgs extends ConnectionArgs {
  @Field(() => [TimelineKind], { nullable: true, description: "Kinds of entries to return (default: all)." })
  kinds?: TimelineKind[] | null;
}

@ObjectType({ description: "Something that happened to a request." })
@Allow(inherit)
export class RequestTimelineEntry {
  @Field(() => TimelineKind, { description: "Kind of entry." })
  kind!: TimelineKind;

  @Field(() => TimelineEvent, { description: "What happened." })
  event!: TimelineEvent;

  @Field(() => DateTimeScalar, { description: "Time of the event. Times of SLA clocks are whole seconds." })
  at!: string;

  @Field(() => User, { nullable: true, description: "User who did it. Null if you cannot see the user, or if no user did it." })
  actor!: User | null;

  @Field(() => User, { nullable: true, description: "User whose substitute the actor was, if any." })
  onBehalfOf!: User | null;

  @Field(() => Boolean, {
    description: "Whether it happened automatically: a timer, a clock, or a transition that follows from another one.",
  })
  isAutomatic!: boolean;

  @Field(() => CommentAudience, { description: "Users who can read the entry." })
  audience!: CommentAudience;

  @Field(() => String, { nullable: true, description: "Text of a comment, or comment of a step of the workflow. Null if there is none." })
  text!: string | null;

  @Field(() => String, { nullable: true, description: "Name of the transition. Null unless a transition was fired." })
  transition!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "State before the step. Null for the start, and unless it is a step of the workflow.",
  })
  from!: string | null;

  @Field(() => String, { nullable: true, description: "State after the step. Null unless it is a step of the workflow." })
  to!: string | null;

  @Field(() => Principal, {
    nullable: true,
    description:
      "New assignee. Null unless the request was assigned. For users of a vendor, null if it was assigned to anyone but their vendor.",
  })
  assignee!: EntityStub | null;

  @Field(() => String, {
    nullable: true,
    description: "Title of the SLA or of the escalation, or name of the former request type. Null for other events.",
  })
  title!: string | null;

  /** The underlying row, for field resolvers. */
  row!: TimelineRow;
}

export const { Connection: RequestTimelineConnection } = connectionOf(RequestTimelineEntry, "RequestTimeline");

/** @param vendorId vendor of the viewer; null for the tenant's own users */
export const toTimelineEntry = (row: TimelineRow, vendorId: string | null): RequestTimelineEntry =>
  Object.assign(new RequestTimelineEntry(), {
    kind: row.kind,
    event: row.event,
    at: row.at,
    actor: row.actorId === SYSTEM_ID ? null : User.ofOrNull(row.actorId),
    onBehalfOf: User.ofOrNull(row.onBehalfOf),
    isAutomatic: row.isAutomatic,
    audience: row.isInternal ? CommentAudience.INTERNAL : CommentAudience.PUBLIC,
    text: row.text,
    transition: row.transition,
    from: row.fromState,
    to: row.toState,
    assignee: assigneeOf(row, vendorId),
    title: row.title,
    row,
  });

const principals = { USER: User, TEAM: Team, VENDOR: Vendor } as const;

/** Users of a vendor are not told the former or the next assignee. */
function assigneeOf({ assignee }: TimelineRow, vendorId: string | null): EntityStub | null {
  if (assignee === null || (vendorId !== null && assignee.id !== vendorId)) return null;
  return principals[assignee.type].of(assignee.id);
}

import type { workflows } from "@weft/drizzle";
import type { AssigneePrincipal, InternalCommentRow, Machine } from "@weft/engine";
import {
  Allow,
  CommentAudience,
  DateTimeScalar,
  JsonScalar,
  encodeId,
  encodeIdOrNull,
  inherit,
  SYSTEM_ID,
  ViewerIndependent,
} from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import { shownData } from "./shown-data.js";

export type HistoryRow = typeof workflows.history.$inferSelect;

export enum HistoryKind {
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
}
registerEnumType(HistoryKind, {
  name: "HistoryKind",
  description: "Kinds of history entries.",
  valuesConfig: {
    START: { description: "The instance was started." },
    TRANSITION: { description: "A user fired a transition." },
    ASSIGNMENT: { description: "The instance was assigned or unassigned." },
    DATA: { description: "The data changed, but not the state." },
    CANCELLATION: { description: "The instance was ended from outside its definition." },
    COMMENT: { description: "A user added a comment." },
    SUSPENSION: { description: "The instance was suspended. The comment contains the reason." },
    RESUMPTION: { description: "The instance was resumed." },
    ROLLBACK: { description: "The instance was rolled back to an earlier state. `input` contains the target version." },
    VOTE: { description: "One of several tasks of the state was completed. The instance waits for the others." },
    CHILD: { description: "One of the child instances ended. The instance waits for the others." },
    INCIDENT: { description: "The instance was stopped by an incident." },
    RESOLUTION: { description: "A user has decided how the instance continues." },
    MIGRATION: { description: "The instance was migrated to another version of its definition." },
    TIMER: { description: "The actions of a timer were run. `timer` contains its name." },
  },
});

@ObjectType({ description: "One change of an instance. The current state results from applying all entries in order." })
@Allow(inherit)
@ViewerIndependent("workflow.read")
export class HistoryEntry {
  @Field(() => ID, { description: "ID (`wfh_…`, for an internal comment `icm_…`)." })
  id!: string;

  @Field(() => Int, {
    description:
      "Version of the instance after the change: 1, 2, 3 … without gaps. An internal comment changes nothing, so it has the version of the entry before it.",
  })
  version!: number;

  @Field(() => HistoryKind, { description: "Kind of change." })
  kind!: HistoryKind;

  @Field(() => String, { nullable: true, description: "Name of the transition. Null unless a transition was fired." })
  transition!: string | null;

  @Field(() => String, { nullable: true, description: "Display name of the transition. Null unless a transition was fired." })
  transitionTitle!: string | null;

  @Field(() => String, { nullable: true, description: "State before the change. Null for the start." })
  from!: string | null;

  @Field(() => String, { nullable: true, description: "Display name of the state before the change. Null for the start." })
  fromTitle!: string | null;

  @Field(() => String, { description: "State after the change." })
  to!: string;

  @Field(() => String, {
    description:
      "Display name of the state after the change, from the instance's current definition. If that definition does not have the state, its plain name.",
  })
  toTitle!: string;

  @Field(() => User, { nullable: true, description: "User who made the change. Null if you cannot see the user, or if a timer made it." })
  actor!: User | null;

  @Field(() => User, { nullable: true, description: "User on whose behalf the change was made, in case of delegation." })
  onBehalfOf!: User | null;

  @Field(() => String, { nullable: true, description: "Comment." })
  comment!: string | null;

  @Field(() => CommentAudience, {
    description: "Users who can read the entry. `INTERNAL` only for internal comments.",
  })
  audience!: CommentAudience;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Input of the transition. For users of a vendor, without the budget of a project or what the organization notes in an onboarding.",
  })
  input!: Record<string, unknown> | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Values of the data that the change set, by property. For an assignment, the new assignee. For users of a vendor, null if the instance was assigned to anyone but their vendor, and without the budget of a project or what the organization notes in an onboarding.",
  })
  changes!: Record<string, unknown> | null;

  @Field(() => Boolean, {
    description:
      "Whether the change was automatic: made by a timer, or following from the change before it. `actor` is the user who made that change, if any.",
  })
  isAutomatic!: boolean;

  @Field(() => String, { nullable: true, description: "Name of the timer that made the change. Null if no timer did." })
  timer!: string | null;

  @Field(() => ID, { nullable: true, description: "ID of the task that was completed (`tsk_…`). Null if there is none." })
  taskId!: string | null;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  at!: string;
}

/** Who reads an entry of which instance. */
export interface HistoryReader {
  /** Vendor of the viewer; null for the tenant's own users. */
  readonly vendorId: string | null;
  readonly subjectType: string | null;
  /** Machine of the instance's definition; undefined if it cannot be read. */
  readonly machine: Machine | undefined;
}

export function toHistoryEntry(row: HistoryRow, reader: HistoryReader): HistoryEntry {
  const { machine } = reader;
  const { fromState, toState } = row;
  const titleOf = (state: string): string => machine?.states.get(state)?.title ?? state;
  return {
    id: encodeId("history", row.id),
    version: row.version,
    kind: row.kind as HistoryKind,
    transition: row.transition,
    transitionTitle: row.transition && (machine?.states.get(fromState ?? "")?.transitions.get(row.transition)?.title ?? row.transition),
    from: fromState,
    fromTitle: fromState === null ? null : titleOf(fromState),
    to: toState,
    toTitle: titleOf(toState),
    actor: row.actorId === SYSTEM_ID ? null : User.of(row.actorId),
    onBehalfOf: User.ofOrNull(row.onBehalfOf),
    comment: row.comment,
    audience: CommentAudience.PUBLIC,
    input: row.input && shownData(row.input, reader),
    changes: changesOf(row, reader),
    isAutomatic: row.isAutomatic,
    timer: timerOf(row),
    taskId: encodeIdOrNull("task", row.taskId),
    at: row.at,
  };
}

/** Converts an internal comment to the entry that shows it. */
export function toInternalEntry(row: InternalCommentRow, machine: Machine | undefined): HistoryEntry {
  const title = machine?.states.get(row.state)?.title ?? row.state;
  return {
    id: encodeId("internalComment", row.id),
    version: row.version,
    kind: HistoryKind.COMMENT,
    transition: null,
    transitionTitle: null,
    from: row.state,
    fromTitle: title,
    to: row.state,
    toTitle: title,
    actor: User.of(row.authorId),
    onBehalfOf: User.ofOrNull(row.onBehalfOf),
    comment: row.text,
    audience: CommentAudience.INTERNAL,
    input: null,
    changes: null,
    isAutomatic: false,
    timer: null,
    taskId: null,
    at: row.createdAt,
  };
}

/** A timer has no user, and its name takes the place of the input. */
function timerOf({ actorId, input }: HistoryRow): string | null {
  const name = actorId === SYSTEM_ID ? input?.["timer"] : null;
  return typeof name === "string" ? name : null;
}

/** The change of an assignment is its assignee, by its public ID. Users of a vendor are not told the previous assignee. */
function changesOf({ kind, changes }: HistoryRow, { vendorId, subjectType }: HistoryReader): Record<string, unknown> | null {
  const assignee = kind === "ASSIGNMENT" ? (changes?.["assignee"] as AssigneePrincipal | null | undefined) : null;
  if (!assignee) return changes && shownData(changes, { vendorId, subjectType });
  if (vendorId !== null && assignee.id !== vendorId) return null;
  return { ...changes, assignee: { ...assignee, id: encodeId(principalIdTypes[assignee.type], assignee.id) } };
}

const principalIdTypes = { USER: "user", TEAM: "team", VENDOR: "vendor" } as const;

import type { workflows } from "@weft/drizzle";
import type { AssigneePrincipal, InternalCommentRow, Machine } from "@weft/engine";
import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { SYSTEM_ID } from "@weft/platform/events";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { CommentAudience } from "@weft/api/comment-audience";
import { Allow, inherit, ViewerIndependent } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
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

const historyEntryColumns = columns({
  id: column.id("ID (`wfh_…`, for an internal comment `icm_…`)."),
  version: column.int(
    "Version of the instance after the change: 1, 2, 3 … without gaps. An internal comment changes nothing, so it has the version of the entry before it.",
  ),
  kind: column.of(() => HistoryKind, "Kind of change."),
  transition: column.text("Name of the transition. Null unless a transition was fired.", { nullable: true }),
  transitionTitle: column.text("Display name of the transition. Null unless a transition was fired.", { nullable: true }),
  from: column.text("State before the change. Null for the start.", { nullable: true }),
  fromTitle: column.text("Display name of the state before the change. Null for the start.", { nullable: true }),
  to: column.text("State after the change."),
  toTitle: column.text(
    "Display name of the state after the change, from the instance's current definition. If that definition does not have the state, its plain name.",
  ),
  actor: column.of(() => User, "User who made the change. Null if you cannot see the user, or if a timer made it.", { nullable: true }),
  onBehalfOf: column.of(() => User, "User on whose behalf the change was made, in case of delegation.", { nullable: true }),
  comment: column.text("Comment.", { nullable: true }),
  audience: column.of(() => CommentAudience, "Users who can read the entry. `INTERNAL` only for internal comments."),
  input: column.json<Record<string, unknown> | null>(
    "Input of the transition. For users of a vendor, without the budget of a project or what the organization notes in an onboarding.",
    { nullable: true },
  ),
  changes: column.json<Record<string, unknown> | null>(
    "Values of the data that the change set, by property. For an assignment, the new assignee. For users of a vendor, null if the instance was assigned to anyone but their vendor, and without the budget of a project or what the organization notes in an onboarding.",
    { nullable: true },
  ),
  isAutomatic: column.flag(
    "Whether the change was automatic: made by a timer, or following from the change before it. `actor` is the user who made that change, if any.",
  ),
  timer: column.text("Name of the timer that made the change. Null if no timer did.", { nullable: true }),
  taskId: column.id("ID of the task that was completed (`tsk_…`). Null if there is none.", { nullable: true }),
  at: column.time("Time of the event."),
});

@ShowColumns(historyEntryColumns)
@ObjectType({ description: "One change of an instance. The current state results from applying all entries in order." })
@Allow(inherit)
@ViewerIndependent("workflow.read")
export class HistoryEntry extends shapeOf(historyEntryColumns) {}

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

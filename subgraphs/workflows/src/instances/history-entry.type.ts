import type { workflows } from "@weft/drizzle";
import type { AssigneePrincipal, Machine } from "@weft/engine";
import { Allow, DateTimeScalar, JsonScalar, encodeId, encodeIdOrNull, inherit } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User, userReference, userReferenceOrNull } from "../principals/principal.type.js";

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
}
registerEnumType(HistoryKind, {
  name: "HistoryKind",
  description: "What moved an instance from one version to the next.",
  valuesConfig: {
    START: { description: "It came to be." },
    TRANSITION: { description: "Somebody fired a transition." },
    ASSIGNMENT: { description: "It was given to somebody, or to nobody." },
    DATA: { description: "Its data changed, its state did not." },
    CANCELLATION: { description: "It was ended from outside its definition." },
    COMMENT: { description: "Somebody said something about it." },
    SUSPENSION: { description: "It was held; the comment says why." },
    RESUMPTION: { description: "It was let go on." },
    ROLLBACK: { description: "It was taken back to an earlier state; `input` says to which version." },
    VOTE: { description: "One of several tasks of its state was completed; it waits for the others." },
    CHILD: { description: "One of the instances that it started has ended; it waits for the others." },
    INCIDENT: { description: "It was stopped: it cannot go on by itself." },
    RESOLUTION: { description: "Somebody has decided how it goes on." },
    MIGRATION: { description: "It was moved to another version of its definition." },
  },
});

@ObjectType({ description: "One move of an instance. The state is the fold of these." })
@Allow(inherit)
export class HistoryEntry {
  @Field(() => ID, { description: "TypeID, `wfh_…`." })
  id!: string;

  @Field(() => Int, { description: "The instance's version after the move: 1, 2, 3 … without a gap." })
  version!: number;

  @Field(() => HistoryKind, { description: "What kind of move it was." })
  kind!: HistoryKind;

  @Field(() => String, { nullable: true, description: "Null unless a transition was fired." })
  transition!: string | null;

  @Field(() => String, { nullable: true, description: "The transition's name for people; null unless one was fired." })
  transitionTitle!: string | null;

  @Field(() => String, { nullable: true, description: "Null for the start." })
  from!: string | null;

  @Field(() => String, { nullable: true, description: "The name for people of the state before; null for the start." })
  fromTitle!: string | null;

  @Field(() => String, { description: "The state after the move." })
  to!: string;

  @Field(() => String, {
    description:
      "The name for people of the state after the move. Titles are those of the instance's present definition; what it does not know has its bare name.",
  })
  toTitle!: string;

  @Field(() => User, { nullable: true, description: "Who did it; null when he cannot be shown to you." })
  actor!: User | null;

  @Field(() => User, { nullable: true, description: "For whom, when by delegation." })
  onBehalfOf!: User | null;

  @Field(() => String, { nullable: true, description: "What was said with it." })
  comment!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "What was given to the transition." })
  input!: Record<string, unknown> | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Values of the data that the move set, by property; the new assignee for an assignment. To a vendor's people null for an assignment to others than their vendor.",
  })
  changes!: Record<string, unknown> | null;

  @Field(() => Boolean, { description: "No person chose it: it followed from the move before it. `actor` is whose move that was." })
  isAutomatic!: boolean;

  @Field(() => ID, { nullable: true, description: "The task whose completion it was, `tsk_…`; null when there is none." })
  taskId!: string | null;

  @Field(() => DateTimeScalar, { description: "When it happened." })
  at!: string;
}

/**
 * @param vendorId of the viewer; null for the tenant's own people
 * @param machine of the instance's definition; undefined when that cannot be read
 */
export function toHistoryEntry(row: HistoryRow, vendorId: string | null, machine: Machine | undefined): HistoryEntry {
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
    actor: userReference(row.actorId),
    onBehalfOf: userReferenceOrNull(row.onBehalfOf),
    comment: row.comment,
    input: row.input,
    changes: changesOf(row, vendorId),
    isAutomatic: row.isAutomatic,
    taskId: encodeIdOrNull("task", row.taskId),
    at: row.at,
  };
}

/** An assignment's change is its assignee, by the id that the API shows. A vendor's people are not told who had the work before them. */
function changesOf({ kind, changes }: HistoryRow, vendorId: string | null): Record<string, unknown> | null {
  const assignee = kind === "ASSIGNMENT" ? (changes?.["assignee"] as AssigneePrincipal | null | undefined) : null;
  if (!assignee) return changes;
  if (vendorId !== null && assignee.id !== vendorId) return null;
  return { ...changes, assignee: { ...assignee, id: encodeId(principalIdTypes[assignee.type], assignee.id) } };
}

const principalIdTypes = { USER: "user", TEAM: "team", VENDOR: "vendor" } as const;

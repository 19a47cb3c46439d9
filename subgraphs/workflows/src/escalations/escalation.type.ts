import type { EscalationRow } from "@weft/engine";
import { Allow, DateTimeScalar, connectionOf, encodeId, encodeIdOrNull, inherit } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";

export enum EscalationOutcome {
  DONE = "DONE",
  SKIPPED = "SKIPPED",
  FAILED = "FAILED",
}
registerEnumType(EscalationOutcome, {
  name: "EscalationOutcome",
  description: "Outcomes of a level of an escalation.",
  valuesConfig: {
    DONE: { description: "Everything that the level does was done." },
    SKIPPED: { description: "A condition did not hold. `reason` says which value." },
    FAILED: { description: "Something that the level does was not possible. `reason` and `actions` say what and why." },
  },
});

export enum EscalationAnchor {
  STATE = "STATE",
  TASK = "TASK",
  SLA = "SLA",
}
registerEnumType(EscalationAnchor, {
  name: "EscalationAnchor",
  description: "What the delays of an escalation count from.",
  valuesConfig: {
    STATE: { description: "Entering a state." },
    TASK: { description: "The opening of a task." },
    SLA: { description: "The warning or the breach of an SLA clock." },
  },
});

export enum EscalationActionKind {
  REASSIGN = "REASSIGN",
  PRIORITY = "PRIORITY",
  RAISE = "RAISE",
  NOTIFY = "NOTIFY",
  START = "START",
  FIRE = "FIRE",
}
registerEnumType(EscalationActionKind, {
  name: "EscalationActionKind",
  description: "What an action of an escalation does.",
  valuesConfig: {
    REASSIGN: { description: "Gives an open task to others." },
    PRIORITY: { description: "Raises the priority of an open task." },
    RAISE: { description: "Raises a value of the data." },
    NOTIFY: { description: "Notifies users." },
    START: { description: "Starts a workflow." },
    FIRE: { description: "Fires a transition." },
  },
});

@ObjectType({ description: "What an action of a level of an escalation did." })
@Allow(inherit)
export class EscalationAction {
  @Field(() => EscalationActionKind, { description: "Kind of action." })
  kind!: EscalationActionKind;

  @Field(() => String, { nullable: true, description: "Why it was not possible. Null if it was done." })
  reason!: string | null;

  @Field(() => ID, { nullable: true, description: "ID of the task (`tsk_…`) that was reassigned, or whose priority was raised." })
  taskId!: string | null;

  @Field(() => String, { nullable: true, description: "Former priority or value." })
  from!: string | null;

  @Field(() => String, { nullable: true, description: "New priority or value, fired transition, or key of the started definition." })
  to!: string | null;

  @Field(() => [ID], { description: "IDs of the users (`usr_…`) who were notified, or who got the task." })
  userIds!: string[];

  @Field(() => [ID], { description: "IDs of the teams (`tem_…`) that were notified, or that got the task." })
  teamIds!: string[];

  @Field(() => [String], { description: "Keys of the roles that were notified, or that got the task." })
  roles!: string[];

  @Field(() => [ID], {
    description: "IDs of the user who had claimed the task, or of the users, teams and vendors to whom it was offered before.",
  })
  previousIds!: string[];

  @Field(() => ID, { nullable: true, description: "ID of the started instance (`wfi_…`)." })
  instanceId!: string | null;
}

@ObjectType({
  description: "A level of an escalation that was due, and what it did. Each level occurs once for each time that its chain begins.",
})
@Allow(inherit)
export class Escalation {
  @Field(() => ID, { description: "ID (`esc_…`)." })
  id!: string;

  @Field(() => String, { description: "Name of the escalation in the definition." })
  name!: string;

  @Field(() => String, { description: "Title of the escalation." })
  title!: string;

  @Field(() => String, { description: "Key of the instance's definition." })
  definitionKey!: string;

  @Field(() => Int, { description: "Number of the level, starting at 1." })
  level!: number;

  @Field(() => EscalationAnchor, { description: "What the delays count from." })
  anchor!: EscalationAnchor;

  @Field(() => ID, { nullable: true, description: "ID of the task (`tsk_…`). Null if the escalation is not about one task." })
  taskId!: string | null;

  @Field(() => DateTimeScalar, { description: "Time at which it was due." })
  dueAt!: string;

  @Field(() => DateTimeScalar, { description: "Time at which it occurred." })
  occurredAt!: string;

  @Field(() => EscalationOutcome, { description: "Outcome." })
  outcome!: EscalationOutcome;

  @Field(() => String, { nullable: true, description: "Why it was skipped or failed. Null if it was done." })
  reason!: string | null;

  @Field(() => [EscalationAction], { description: "What each action did, in order. Empty if the level was skipped." })
  actions!: EscalationAction[];

  @Field(() => WorkflowInstance, { nullable: true, description: "The instance. Null if you cannot read it." })
  instance?: WorkflowInstance | null;

  /** UUID, for the field resolver; not a field. */
  readonly instanceId!: string;
}

export const { Connection: EscalationConnection } = connectionOf(Escalation);

export function toEscalation(row: EscalationRow): Escalation {
  return {
    id: encodeId("escalation", row.id),
    name: row.chain,
    title: row.title,
    definitionKey: row.definitionKey,
    level: row.level,
    anchor: row.anchor as EscalationAnchor,
    taskId: encodeIdOrNull("task", row.taskId),
    dueAt: row.dueAt,
    occurredAt: row.occurredAt,
    outcome: row.outcome as EscalationOutcome,
    reason: row.reason,
    actions: row.actions.map((action) => {
      const isReassignment = action.kind === "REASSIGN";
      return {
        kind: action.kind as EscalationActionKind,
        reason: action.reason,
        taskId: encodeIdOrNull("task", action.taskId),
        from: isReassignment ? null : action.from,
        to: isReassignment ? null : action.to,
        userIds: action.userIds.map((id) => encodeId("user", id)),
        teamIds: action.teamIds.map((id) => encodeId("team", id)),
        roles: [...action.roles],
        previousIds: isReassignment ? holdersIn(action.from) : [],
        instanceId: encodeIdOrNull("instance", action.instanceId),
      };
    }),
    instanceId: row.instanceId,
  };
}

/** Reads the users, teams and vendors of a record such as `role:operations user:…`. */
function holdersIn(text: string | null): string[] {
  return (text ?? "").split(" ").flatMap((one) => {
    const [kind, id] = one.split(":");
    return id !== undefined && (kind === "user" || kind === "team" || kind === "vendor") ? [encodeId(kind, id)] : [];
  });
}

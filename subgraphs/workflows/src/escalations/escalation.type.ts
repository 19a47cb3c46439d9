import type { EscalationRow } from "@weft/engine";
import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
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

const escalationActionColumns = columns({
  kind: column.of(() => EscalationActionKind, "Kind of action."),
  reason: column.text("Why it was not possible. Null if it was done.", { nullable: true }),
  taskId: column.id("ID of the task (`tsk_…`) that was reassigned, or whose priority was raised.", { nullable: true }),
  from: column.text("Former priority or value.", { nullable: true }),
  to: column.text("New priority or value, fired transition, or key of the started definition.", { nullable: true }),
  userIds: column.ids("IDs of the users (`usr_…`) who were notified, or who got the task."),
  teamIds: column.ids("IDs of the teams (`tem_…`) that were notified, or that got the task."),
  roles: column.texts("Keys of the roles that were notified, or that got the task."),
  previousIds: column.ids("IDs of the user who had claimed the task, or of the users, teams and vendors to whom it was offered before."),
  instanceId: column.id("ID of the started instance (`wfi_…`).", { nullable: true }),
});

@ShowColumns(escalationActionColumns)
@ObjectType({ description: "What an action of a level of an escalation did." })
@Allow(inherit)
export class EscalationAction extends shapeOf(escalationActionColumns) {}

const escalationColumns = columns({
  id: column.id("ID (`esc_…`)."),
  name: column.text("Name of the escalation in the definition."),
  title: column.text("Title of the escalation."),
  definitionKey: column.text("Key of the instance's definition."),
  level: column.int("Number of the level, starting at 1."),
  anchor: column.of(() => EscalationAnchor, "What the delays count from."),
  taskId: column.id("ID of the task (`tsk_…`). Null if the escalation is not about one task.", { nullable: true }),
  dueAt: column.time("Time at which it was due."),
  occurredAt: column.time("Time at which it occurred."),
  outcome: column.of(() => EscalationOutcome, "Outcome."),
  reason: column.text("Why it was skipped or failed. Null if it was done.", { nullable: true }),
  actions: column.of(() => [EscalationAction], "What each action did, in order. Empty if the level was skipped."),
  instance: column.of(() => WorkflowInstance, "The instance. Null if you cannot read it.", { nullable: true, resolved: true }),
});

@ShowColumns(escalationColumns)
@ObjectType({
  description: "A level of an escalation that was due, and what it did. Each level occurs once for each time that its chain begins.",
})
@Allow(inherit)
export class Escalation extends shapeOf(escalationColumns) {
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

import type { workflows } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { ArgsType, Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { User } from "../principals/principal.type.js";
import * as commonColumns from "../common-columns.js";

export type IncidentRow = typeof workflows.incidents.$inferSelect & { readonly definitionKey: string };

export enum IncidentKind {
  LOOP = "LOOP",
  DATA = "DATA",
  DEFINITION = "DEFINITION",
  CHILDREN = "CHILDREN",
  JOB = "JOB",
}
registerEnumType(IncidentKind, {
  name: "IncidentKind",
  description: "Causes of an incident.",
  valuesConfig: {
    LOOP: { description: "Automatic transitions would have continued endlessly." },
    DATA: { description: "An automatic step would have violated the data schema." },
    DEFINITION: { description: "The stored definition can no longer be read." },
    CHILDREN: { description: "The child instances cannot be started: too many, nested too deeply, or without a published definition." },
    JOB: { description: "Background work for the instance failed repeatedly." },
  },
});

export enum IncidentStatus {
  OPEN = "OPEN",
  RESOLVED = "RESOLVED",
}
registerEnumType(IncidentStatus, {
  name: "IncidentStatus",
  description: "Statuses of an incident.",
  valuesConfig: {
    OPEN: { description: "The instance is stopped." },
    RESOLVED: { description: "A user has decided how the instance continues." },
  },
});

export enum IncidentAction {
  RETRY = "RETRY",
  SKIP = "SKIP",
  FIRE = "FIRE",
  CANCEL = "CANCEL",
}
registerEnumType(IncidentAction, {
  name: "IncidentAction",
  description: "Ways to resolve an incident.",
  valuesConfig: {
    RETRY: { description: "The failed step is retried. If it fails again, a new incident is created." },
    SKIP: { description: "The instance continues without the failed step, and stays in its state until somebody fires a transition." },
    FIRE: {
      description: "A transition of the current state is fired, subject to all rules of the definition. Also requires `workflow.fire`.",
    },
    CANCEL: { description: "The instance ends. Also requires `workflow.cancel`." },
  },
});

const incidentColumns = columns({
  id: column.id("ID (`inc_…`)."),
  ...commonColumns.nodeKey,
  kind: column.of(() => IncidentKind, "Cause of the incident."),
  status: column.of(() => IncidentStatus, "Status of the incident."),
  instance: column.of(() => WorkflowInstance, "The stopped instance. Null if you cannot read it.", { nullable: true, resolved: true }),
  definitionKey: column.text("Key of the instance's definition."),
  instanceVersion: column.int("Version of the instance when it was stopped."),
  state: column.text("State in which the instance was stopped."),
  place: column.text("Location of the cause: a path in the definition, or the name of the failed work."),
  message: column.text("Description of the cause."),
  resolution: column.of(() => IncidentAction, "How the incident was resolved. Null while it is open.", { nullable: true }),
  resolvedBy: column.of(() => User, "User who resolved the incident. Null while it is open, or if you cannot see the user.", {
    nullable: true,
  }),
  comment: column.text("Comment on the resolution.", { nullable: true }),
  createdAt: column.time("Time when the instance was stopped."),
  resolvedAt: column.time("Time when the incident was resolved. Null while it is open.", { nullable: true }),
});

@ShowColumns(incidentColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "Why an instance cannot continue automatically until a user resolves the problem. An instance has at most one open incident.",
})
@Allow(can("incident.read"))
export class Incident extends shapeOf(incidentColumns) {
  /** UUID of the instance, for the field resolver; not a field. */
  readonly instanceId!: string;
}

export const { Connection: IncidentConnection } = connectionOf(Incident);

export enum IncidentChange {
  OPENED = "OPENED",
  RESOLVED = "RESOLVED",
}
registerEnumType(IncidentChange, {
  name: "IncidentChange",
  description: "Changes of an incident.",
  valuesConfig: {
    OPENED: { description: "An instance was stopped." },
    RESOLVED: { description: "A user has decided how the instance continues." },
  },
});

@ArgsType()
export class IncidentChangedArgs {
  @Field(() => ID, { nullable: true, description: "Only incidents of this instance." })
  instanceId?: string | null;
}

@ObjectType({
  description: "An instance was stopped, or its incident was resolved. The change is as of the event; the incident is its current state.",
})
@Allow(inherit)
export class IncidentChanged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => IncidentChange, { description: "Kind of change." })
  change!: IncidentChange;

  @Field(() => Incident, { description: "The incident." })
  incident!: Incident;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}

export function toIncident(row: IncidentRow): Incident {
  const id = encodeId("incident", row.id);
  return {
    ...incidentColumns.shown(row),
    id,
    nodeKey: id,
    kind: row.kind as IncidentKind,
    status: row.status as IncidentStatus,
    resolution: row.resolution as IncidentAction | null,
    resolvedBy: User.ofOrNull(row.resolvedBy),
    instanceId: row.instanceId,
  };
}

import type { workflows } from "@weft/drizzle";
import { Allow, DateTimeScalar, can, connectionOf, encodeId, inherit } from "@weft/shared";
import { ArgsType, Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { User, userReferenceOrNull } from "../principals/principal.type.js";

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
  description: "What kept an instance from going on.",
  valuesConfig: {
    LOOP: { description: "Automatic transitions would have gone on for ever." },
    DATA: { description: "What should have happened by itself would have broken the data's schema." },
    DEFINITION: { description: "The stored definition cannot be read any more." },
    CHILDREN: { description: "The instances that it should have started cannot be: too many, too deep, or of no published definition." },
    JOB: { description: "Background work about it failed again and again." },
  },
});

export enum IncidentStatus {
  OPEN = "OPEN",
  RESOLVED = "RESOLVED",
}
registerEnumType(IncidentStatus, {
  name: "IncidentStatus",
  description: "Whether somebody still has to see to it.",
  valuesConfig: {
    OPEN: { description: "Its instance waits." },
    RESOLVED: { description: "Somebody has decided how it went on." },
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
  description: "How an incident is resolved.",
  valuesConfig: {
    RETRY: { description: "What failed is tried again; when it fails again there is a new incident." },
    SKIP: { description: "The instance goes on without it, and rests where it is until somebody moves it." },
    FIRE: { description: "A transition of its state is fired, under every rule of the definition. Needs `workflow.fire` too." },
    CANCEL: { description: "The instance ends. Needs `workflow.cancel` too." },
  },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description: "Why an instance cannot go on by itself, until somebody resolves it. An instance has at most one that is open.",
})
@Allow(can("incident.read"))
export class Incident {
  @Field(() => ID, { description: "TypeID, `inc_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => IncidentKind, { description: "What kept it from going on." })
  kind!: IncidentKind;

  @Field(() => IncidentStatus, { description: "Whether it still waits." })
  status!: IncidentStatus;

  @Field(() => WorkflowInstance, { nullable: true, description: "The instance that it stops; null when you may not read it." })
  instance?: WorkflowInstance | null;

  @Field(() => String, { description: "The key of the instance's definition." })
  definitionKey!: string;

  @Field(() => Int, { description: "The instance's version with which it was stopped." })
  instanceVersion!: number;

  @Field(() => String, { description: "The state in which it was stopped." })
  state!: string;

  @Field(() => String, { description: "Where the cause lies: a path of the definition, or the name of the work that failed." })
  place!: string;

  @Field(() => String, { description: "The cause, for people." })
  message!: string;

  @Field(() => IncidentAction, { nullable: true, description: "How it was resolved; null while it is open." })
  resolution!: IncidentAction | null;

  @Field(() => User, { nullable: true, description: "Who resolved it; null while it is open, and when he cannot be shown to you." })
  resolvedBy!: User | null;

  @Field(() => String, { nullable: true, description: "What was said with the resolution." })
  comment!: string | null;

  @Field(() => DateTimeScalar, { description: "When the instance was stopped." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was resolved; null while it is open." })
  resolvedAt!: string | null;

  /** The instance's UUID, for the field resolver; no field. */
  readonly instanceId!: string;
}

export const { Connection: IncidentConnection } = connectionOf(Incident);

export enum IncidentChange {
  OPENED = "OPENED",
  RESOLVED = "RESOLVED",
}
registerEnumType(IncidentChange, {
  name: "IncidentChange",
  description: "What happened to an incident.",
  valuesConfig: { OPENED: { description: "An instance was stopped." }, RESOLVED: { description: "Somebody has decided how it goes on." } },
});

@ArgsType()
export class IncidentChangedArgs {
  @Field(() => ID, { nullable: true, description: "Only of this instance." })
  instanceId?: string | null;
}

@ObjectType({
  description: "An instance was stopped, or its incident was resolved. The change is as it was then; the incident is as it is now.",
})
@Allow(inherit)
export class IncidentChanged {
  @Field(() => String, { description: "Give it as `after` to miss nothing after a break." })
  cursor!: string;

  @Field(() => IncidentChange, { description: "What happened." })
  change!: IncidentChange;

  @Field(() => Incident, { description: "The incident as it is now." })
  incident!: Incident;

  @Field(() => DateTimeScalar, { description: "When it happened." })
  occurredAt!: string;
}

export function toIncident(row: IncidentRow): Incident {
  const id = encodeId("incident", row.id);
  return {
    id,
    nodeKey: id,
    kind: row.kind as IncidentKind,
    status: row.status as IncidentStatus,
    definitionKey: row.definitionKey,
    instanceVersion: row.instanceVersion,
    state: row.state,
    place: row.place,
    message: row.message,
    resolution: row.resolution as IncidentAction | null,
    resolvedBy: userReferenceOrNull(row.resolvedBy),
    comment: row.comment,
    createdAt: row.createdAt,
    resolvedAt: row.resolvedAt,
    instanceId: row.instanceId,
  };
}

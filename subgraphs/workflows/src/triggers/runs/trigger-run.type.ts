import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../../instances/instance.type.js";
import type { TriggerRunRow } from "../act/act.store.js";
import { Trigger } from "../trigger.type.js";

export enum TriggerOutcome {
  STARTED = "STARTED",
  FIRED = "FIRED",
  IGNORED = "IGNORED",
  REJECTED = "REJECTED",
  FAILED = "FAILED",
  DUPLICATE = "DUPLICATE",
}
registerEnumType(TriggerOutcome, {
  name: "TriggerOutcome",
  description: "What a trigger did with an event.",
  valuesConfig: {
    STARTED: { description: "An instance was started." },
    FIRED: { description: "The transition was fired on at least one instance, and failed on none." },
    IGNORED: { description: "The event concerned no instance, or the object that the workflow would be about has been deleted." },
    REJECTED: { description: "The rules of the definition did not allow the transition." },
    FAILED: { description: "The trigger could not do what it should. Nothing was written for the instances that failed." },
    DUPLICATE: { description: "An instance with the same correlation key had not ended yet." },
  },
});

@ObjectType({ description: "What a trigger did with one of the instances that an event concerned." })
@Allow(inherit)
export class TriggeredInstance {
  @Field(() => WorkflowInstance, { nullable: true, description: "The instance. Null if you cannot read it." })
  instance?: WorkflowInstance | null;

  @Field(() => TriggerOutcome, { description: "FIRED, REJECTED or FAILED." })
  outcome!: TriggerOutcome;

  @Field(() => String, { nullable: true, description: "Why the transition was not fired." })
  message!: string | null;

  instanceId!: string;
}

const triggerRunColumns = columns({
  id: column.id("ID (`trr_…`)."),
  trigger: column.of(() => Trigger, "The trigger.", { nullable: true, resolved: true }),
  eventId: column.id("ID of the event (`evt_…`)."),
  eventType: column.text("Type of the event."),
  outcome: column.of(() => TriggerOutcome, "What the trigger did."),
  message: column.text("Why it did not start or fire.", { nullable: true }),
  correlationKey: column.text("Value of the correlation key, if an instance was to be started.", { nullable: true }),
  instance: column.of(
    () => WorkflowInstance,
    "The started instance, or for DUPLICATE the one with the same key. Null if you cannot read it.",
    { nullable: true, resolved: true },
  ),
  instances: column.of(() => [TriggeredInstance], "Instances that the event concerned, each with its outcome."),
  attempts: column.int("Number of attempts, including retries."),
  createdAt: column.time("Time of the first attempt."),
  updatedAt: column.time("Time of the last attempt."),
});

@ShowColumns(triggerRunColumns)
@ObjectType({ description: "What a trigger did with an event whose condition was met." })
@Allow(canInTenant("trigger.read"))
export class TriggerRun extends shapeOf(triggerRunColumns) {
  triggerId!: string;
  instanceId!: string | null;
}

export const { Connection: TriggerRunConnection } = connectionOf(TriggerRun);

export const toTriggeredInstances = (instances: TriggerRunRow["instances"]): TriggeredInstance[] =>
  instances.map(({ id, outcome, message }) => ({ instanceId: id, outcome: outcome as TriggerOutcome, message }));

export const toTriggerRun = (row: TriggerRunRow): TriggerRun => ({
  ...triggerRunColumns.shown(row),
  id: encodeId("triggerRun", row.id),
  eventId: encodeId("event", row.eventId),
  outcome: row.outcome as TriggerOutcome,
  instances: toTriggeredInstances(row.instances),
  triggerId: row.triggerId,
  instanceId: row.instanceId,
});

export const TriggerRunPayload = payloadOf(TriggerRun, "run");
export type TriggerRunPayload = InstanceType<typeof TriggerRunPayload>;

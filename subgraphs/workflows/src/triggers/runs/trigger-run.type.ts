import { Allow, DateTimeScalar, canInTenant, connectionOf, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "What a trigger did with an event whose condition was met." })
@Allow(canInTenant("trigger.read"))
export class TriggerRun {
  @Field(() => ID, { description: "ID (`trr_…`)." })
  id!: string;

  @Field(() => Trigger, { nullable: true, description: "The trigger." })
  trigger?: Trigger | null;

  @Field(() => ID, { description: "ID of the event (`evt_…`)." })
  eventId!: string;

  @Field(() => String, { description: "Type of the event." })
  eventType!: string;

  @Field(() => TriggerOutcome, { description: "What the trigger did." })
  outcome!: TriggerOutcome;

  @Field(() => String, { nullable: true, description: "Why it did not start or fire." })
  message!: string | null;

  @Field(() => String, { nullable: true, description: "Value of the correlation key, if an instance was to be started." })
  correlationKey!: string | null;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description: "The started instance, or for DUPLICATE the one with the same key. Null if you cannot read it.",
  })
  instance?: WorkflowInstance | null;

  @Field(() => [TriggeredInstance], { description: "Instances that the event concerned, each with its outcome." })
  instances!: TriggeredInstance[];

  @Field(() => Int, { description: "Number of attempts, including retries." })
  attempts!: number;

  @Field(() => DateTimeScalar, { description: "Time of the first attempt." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last attempt." })
  updatedAt!: string;

  triggerId!: string;
  instanceId!: string | null;
}

export const { Connection: TriggerRunConnection } = connectionOf(TriggerRun);

export const toTriggeredInstances = (instances: TriggerRunRow["instances"]): TriggeredInstance[] =>
  instances.map(({ id, outcome, message }) => ({ instanceId: id, outcome: outcome as TriggerOutcome, message }));

export function toTriggerRun(row: TriggerRunRow): TriggerRun {
  const { eventType, message, correlationKey, attempts, createdAt, updatedAt, triggerId, instanceId } = row;
  return {
    id: encodeId("triggerRun", row.id),
    eventId: encodeId("event", row.eventId),
    eventType,
    outcome: row.outcome as TriggerOutcome,
    message,
    correlationKey,
    instances: toTriggeredInstances(row.instances),
    attempts,
    createdAt,
    updatedAt,
    triggerId,
    instanceId,
  };
}

export const TriggerRunPayload = payloadOf(TriggerRun, "run");
export type TriggerRunPayload = InstanceType<typeof TriggerRunPayload>;

import { Allow, DateTimeScalar, JsonScalar, canInTenant, connectionOf, encodeId, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import type { TriggerRow } from "./trigger.store.js";

export enum TriggerAction {
  START = "START",
  FIRE = "FIRE",
}
registerEnumType(TriggerAction, {
  name: "TriggerAction",
  description: "What a trigger does when an event occurs.",
  valuesConfig: {
    START: { description: "Starts an instance of a definition." },
    FIRE: { description: "Fires a transition of the instances that the event concerns." },
  },
});

export enum TriggerCorrelation {
  SUBJECT = "SUBJECT",
  FIELD = "FIELD",
}
registerEnumType(TriggerCorrelation, {
  name: "TriggerCorrelation",
  description: "How a trigger finds the instances that an event concerns. Instances that have ended are never found.",
  valuesConfig: {
    SUBJECT: { description: "The instance that the event is about, or the instance of the request, project or vendor that it is about." },
    FIELD: { description: "The instances of the definition in whose data an indexed field has a value of the event." },
  },
});

export enum TriggerNoMatch {
  IGNORE = "IGNORE",
  START = "START",
}
registerEnumType(TriggerNoMatch, {
  name: "TriggerNoMatch",
  description: "What a trigger that fires a transition does if the event concerns no instance.",
  valuesConfig: {
    IGNORE: { description: "Nothing. The run is recorded." },
    START: { description: "Starts an instance of the definition." },
  },
});

export enum TriggerStopReason {
  LOOP = "LOOP",
}
registerEnumType(TriggerStopReason, {
  name: "TriggerStopReason",
  description: "Why a trigger was deactivated automatically.",
  valuesConfig: { LOOP: { description: "The trigger repeatedly caused the events that it reacts to." } },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "Starts an instance or fires a transition when an event occurs. It acts with the current rights of the user who last saved it, once per event.",
})
@Allow(canInTenant("trigger.read"))
export class Trigger {
  @Field(() => ID, { description: "ID (`trg_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Type of the events, one of `eventTypes`." })
  eventType!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "For `workflow.emitted`: the name that the definition emits. For `custom.published`: the name of the custom event. If null, the trigger reacts to all names.",
  })
  eventName!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Condition in CEL over `event` and `payload`. If null, the trigger reacts to all events of the type.",
  })
  condition!: string | null;

  @Field(() => TriggerAction, { description: "What the trigger does." })
  action!: TriggerAction;

  @Field(() => String, { nullable: true, description: "Key of the definition that is started, or whose instances are searched." })
  definitionKey!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Data of a started instance: expressions by property." })
  data!: unknown;

  @Field(() => String, {
    nullable: true,
    description: "Expression. No second instance is started while one with the same value has not ended.",
  })
  correlationKey!: string | null;

  @Field(() => String, { nullable: true, description: "Transition to fire." })
  transition!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Input of the transition: expressions by field." })
  input!: unknown;

  @Field(() => TriggerCorrelation, { nullable: true, description: "How the trigger finds the instances whose transition it fires." })
  correlation!: TriggerCorrelation | null;

  @Field(() => String, { nullable: true, description: "For FIELD: indexed field of the data." })
  correlationField!: string | null;

  @Field(() => String, { nullable: true, description: "For FIELD: expression whose value the field must equal." })
  correlationValue!: string | null;

  @Field(() => Int, {
    description: "Maximum number of instances that one event can concern. If it concerns more, nothing is fired and the run fails.",
  })
  maxMatches!: number;

  @Field(() => TriggerNoMatch, { description: "What happens if the event concerns no instance." })
  onNoMatch!: TriggerNoMatch;

  @Field(() => Boolean, {
    description: "Whether the trigger is active. It considers the events that occur after its activation, and those of replays.",
  })
  isActive!: boolean;

  @Field(() => TriggerStopReason, {
    nullable: true,
    description: "Why the trigger was deactivated automatically. Null if it is active or a user deactivated it.",
  })
  stopReason!: TriggerStopReason | null;

  @Field(() => User, { nullable: true, description: "User with whose rights the trigger acts. Null if you cannot see the user." })
  actsAs!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export const { Connection: TriggerConnection } = connectionOf(Trigger);

export function toTrigger(row: TriggerRow): Trigger {
  const { name, eventType, eventName, definitionKey, data, correlationKey, transition, input, correlationField, correlationValue } = row;
  const { maxMatches, isActive, version, createdAt, updatedAt } = row;
  const id = encodeId("trigger", row.id);
  return {
    id,
    nodeKey: id,
    name,
    eventType,
    eventName,
    condition: row.condition === "" ? null : row.condition,
    action: row.action as TriggerAction,
    definitionKey,
    data,
    correlationKey,
    transition,
    input,
    correlation: row.correlation as TriggerCorrelation | null,
    correlationField,
    correlationValue,
    maxMatches,
    onNoMatch: row.onNoMatch as TriggerNoMatch,
    isActive,
    stopReason: row.stopReason as TriggerStopReason | null,
    actsAs: User.of(row.userId),
    version,
    createdBy: User.of(row.createdBy),
    createdAt,
    updatedAt,
  };
}

export const TriggerPayload = payloadOf(Trigger, "trigger");
export type TriggerPayload = InstanceType<typeof TriggerPayload>;

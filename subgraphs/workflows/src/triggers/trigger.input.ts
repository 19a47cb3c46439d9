import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { TriggerAction, TriggerCorrelation, TriggerNoMatch } from "./trigger.type.js";

/** What a trigger does. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
export abstract class TriggerTermsInput {
  @Field(() => String, {
    nullable: true,
    description:
      "For `workflow.emitted`: the name that the definition emits. For `custom.published`: the name of the custom event. If null, the trigger reacts to all names. Omit it if the event type is a declared type.",
  })
  eventName?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Condition in CEL over `event` and `payload`. Example: `payload.to == "approved"`. If null or empty, the trigger reacts to all events of the type.',
  })
  condition?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Key of the definition that is started, or whose instances are searched. Required for START and FIELD.",
  })
  definitionKey?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'Data of a started instance: expressions by property. Example: `{ title: "payload.title", source: "\'trigger\'" }`.',
  })
  data?: unknown;

  @Field(() => String, {
    nullable: true,
    description: "Expression. No second instance is started while one with the same value has not ended.",
  })
  correlationKey?: string | null;

  @Field(() => String, { nullable: true, description: "Transition to fire. Required for FIRE." })
  transition?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Input of the transition: expressions by field." })
  input?: unknown;

  @Field(() => TriggerCorrelation, {
    nullable: true,
    description: "How the trigger finds the instances whose transition it fires (default SUBJECT for a new trigger that fires).",
  })
  correlation?: TriggerCorrelation | null;

  @Field(() => String, { nullable: true, description: "For FIELD: field of the data that the definition lists under `index`." })
  correlationField?: string | null;

  @Field(() => String, { nullable: true, description: "For FIELD: expression whose value the field must equal." })
  correlationValue?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Maximum number of instances that one event can concern, 1 to 100 (default 10 for a new trigger). If it concerns more, the run fails.",
  })
  maxMatches?: number | null;

  @Field(() => TriggerNoMatch, {
    nullable: true,
    description: "What happens if the event concerns no instance (default IGNORE for a new trigger).",
  })
  onNoMatch?: TriggerNoMatch | null;
}

@InputType({ description: "The trigger to create. It acts with your rights." })
export class CreateTriggerInput extends TriggerTermsInput {
  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => String, {
    description:
      "Type of the events, one of `eventTypes`. A declared type, such as `custom.delivery`, stands for `custom.published` with the type as its `eventName`, which the trigger then shows.",
  })
  eventType!: string;

  @Field(() => TriggerAction, { description: "What the trigger does." })
  action!: TriggerAction;

  @Field(() => Boolean, { nullable: true, description: "Whether the trigger is active (default true)." })
  isActive?: boolean | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes to a trigger. Omitted fields stay unchanged. From then on, the trigger acts with your rights." })
export class UpdateTriggerInput extends TriggerTermsInput {
  @Field(() => ID, { description: "ID of the trigger (`trg_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

/** Not in the schema itself; the input types that extend it have its fields. */

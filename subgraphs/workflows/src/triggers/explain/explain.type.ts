import { column, columns, createInputOf } from "@weft/api/columns";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { TriggerRun, TriggerOutcome, TriggeredInstance } from "../runs/trigger-run.type.js";
import { Trigger, TriggerAction, triggerTerms } from "../trigger.type.js";

@ObjectType({ description: "Why a trigger did or did not act on an event." })
@Allow(inherit)
export class TriggerExplanation {
  @Field(() => Trigger, { description: "The trigger." })
  trigger!: Trigger;

  @Field(() => Boolean, { description: "Whether the trigger reacts to the event, as the trigger is now." })
  isMatch!: boolean;

  @Field(() => [String], { description: "Why it does not react, with values. Empty if it does." })
  reasons!: string[];

  @Field(() => TriggerRun, {
    nullable: true,
    description: "What the trigger did. Null if it did not react, or if it has not processed the event yet.",
  })
  run!: TriggerRun | null;
}

const testedColumns = columns({
  ...triggerTerms,
  eventType: column.text("Type of the events, one of `eventTypes`."),
  action: column.of(() => TriggerAction, "What the trigger does."),
});

export const TestTriggerInput = createInputOf("TestTriggerInput", testedColumns, "A trigger to test.");
export type TestTriggerInput = InstanceType<typeof TestTriggerInput>;

@ArgsType()
export class TestTriggerArgs {
  @Field(() => TestTriggerInput, { description: "The trigger." })
  input!: TestTriggerInput;

  @Field(() => ID, { nullable: true, description: "ID of an event of the type (`evt_…`). Exclusive with `payload`." })
  eventId?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Sample payload. Exclusive with `eventId`." })
  payload?: unknown;
}

@ObjectType({ description: "What a trigger would do. Nothing was written." })
@Allow(canInTenant("trigger.manage"))
export class TriggerTest {
  @Field(() => Boolean, { description: "Whether the condition is met." })
  isMatch!: boolean;

  @Field(() => [String], { description: "Parts of the condition that were not true, with values. Empty if it is met." })
  reasons!: string[];

  @Field(() => TriggerOutcome, { nullable: true, description: "What the trigger would do. Null if the condition is not met." })
  outcome!: TriggerOutcome | null;

  @Field(() => String, { nullable: true, description: "Why it would not start or fire." })
  message!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Data of the instance that would be started." })
  data!: unknown;

  @Field(() => String, { nullable: true, description: "Value of the correlation key." })
  correlationKey!: string | null;

  @Field(() => [TriggeredInstance], { description: "Instances that the event concerns, each with what would happen." })
  instances!: TriggeredInstance[];
}

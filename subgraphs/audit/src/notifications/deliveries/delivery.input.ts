import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";

@InputType({ description: "Input for sending emails to an address again that a mail server has refused." })
export class LiftMailSuppressionInput {
  @Field(() => ID, { description: "ID of the user (`usr_…`)." })
  userId!: string;
}

@ObjectType({ description: "Payload of lifting a suppression." })
@Allow(inherit)
export class LiftMailSuppressionPayload {
  @Field(() => Int, { description: "Number of addresses of the user that were suppressed." })
  liftedCount!: number;
}

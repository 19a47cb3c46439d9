import { Allow, inherit } from "@weft/api/rules";
import { Field, Int, ObjectType } from "type-graphql";

@ObjectType({ description: "Payload of lifting a suppression." })
@Allow(inherit)
export class LiftMailSuppressionPayload {
  @Field(() => Int, { description: "Number of addresses of the user that were suppressed." })
  liftedCount!: number;
}

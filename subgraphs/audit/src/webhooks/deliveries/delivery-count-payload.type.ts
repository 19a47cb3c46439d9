import { Allow, inherit } from "@weft/api/rules";
import { Field, Int, ObjectType } from "type-graphql";

@ObjectType({ description: "Payload of a mutation that changes many deliveries." })
@Allow(inherit)
export class DeliveryCountPayload {
  @Field(() => Int, { description: "Number of items that were discarded. Notifications of one message are discarded together." })
  count!: number;

  @Field(() => Boolean, {
    description: "Whether the limit of 10,000 items per call was reached, so that there can be more. Repeat the call to discard them.",
  })
  hasMore!: boolean;
}

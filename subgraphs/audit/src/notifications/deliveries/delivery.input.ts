import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { NotificationDelivery } from "./delivery.type.js";

@InputType({ description: "Input for resending a message." })
export class ResendNotificationDeliveryInput {
  @Field(() => ID, { description: "ID of a delivery that is `FAILED`, `UNKNOWN`, `SUPPRESSED` or `BOUNCED` (`ntd_…`)." })
  id!: string;
}

@ObjectType({ description: "Payload of resending a message." })
@Allow(inherit)
export class ResendNotificationDeliveryPayload {
  @Field(() => NotificationDelivery, { description: "The delivery, ready to be sent." })
  delivery!: NotificationDelivery;
}

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

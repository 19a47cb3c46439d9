import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { NotificationTemplate } from "./template.type.js";

@ObjectType({ description: "Payload of a mutation that returns a notification template." })
@Allow(inherit)
export class NotificationTemplatePayload {
  @Field(() => NotificationTemplate, { description: "The notification template as it is after the call." })
  template!: NotificationTemplate;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Attachment } from "./attachment.type.js";

@ObjectType({ description: "Payload of a mutation that returns an attachment." })
@Allow(inherit)
export class AttachmentPayload {
  @Field(() => Attachment, { description: "The attachment as it is after the call." })
  attachment!: Attachment;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { RequestFormLink } from "./request-form-link.type.js";

@ObjectType({ description: "Payload of a mutation that returns a request form link." })
@Allow(inherit)
export class RequestFormLinkPayload {
  @Field(() => RequestFormLink, { description: "The request form link as it is after the call." })
  link!: RequestFormLink;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { InboundMailAddress } from "./inbound-mail-address.type.js";

@ObjectType({ description: "Payload of a mutation that returns an inbound mail address." })
@Allow(inherit)
export class InboundMailAddressPayload {
  @Field(() => InboundMailAddress, { description: "The inbound mail address as it is after the call." })
  inboundMailAddress!: InboundMailAddress;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Domain } from "./domain.type.js";

@ObjectType({ description: "Payload of a mutation that returns a domain." })
@Allow(inherit)
export class DomainPayload {
  @Field(() => Domain, { description: "The domain as it is after the call." })
  domain!: Domain;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { ClockAdvance } from "./clock-advance.type.js";

@ObjectType({ description: "Payload of a mutation that returns a clock advance." })
@Allow(inherit)
export class ClockAdvancePayload {
  @Field(() => ClockAdvance, { description: "The clock advance as it is after the call." })
  advance!: ClockAdvance;
}

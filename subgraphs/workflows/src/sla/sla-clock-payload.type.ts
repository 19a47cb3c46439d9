import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { SlaClock } from "./sla-clock.type.js";

@ObjectType({ description: "Payload of a mutation that pauses or resumes an SLA clock." })
@Allow(inherit)
export class SlaClockPayload {
  @Field(() => SlaClock, { nullable: true, description: "Current state of the clock. Null if you can no longer see it." })
  clock!: SlaClock | null;
}

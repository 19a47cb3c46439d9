import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Schedule } from "./schedule.type.js";

@ObjectType({ description: "Payload of a mutation that returns a schedule." })
@Allow(inherit)
export class SchedulePayload {
  @Field(() => Schedule, { description: "The schedule as it is after the call." })
  schedule!: Schedule;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { TriggerRun } from "./trigger-run.type.js";

@ObjectType({ description: "Payload of a mutation that returns a trigger run." })
@Allow(inherit)
export class TriggerRunPayload {
  @Field(() => TriggerRun, { description: "The trigger run as it is after the call." })
  run!: TriggerRun;
}

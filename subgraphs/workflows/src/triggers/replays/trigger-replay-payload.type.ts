import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { TriggerReplay } from "./trigger-replay.type.js";

@ObjectType({ description: "Payload of a mutation that returns a trigger replay." })
@Allow(inherit)
export class TriggerReplayPayload {
  @Field(() => TriggerReplay, { description: "The trigger replay as it is after the call." })
  replay!: TriggerReplay;
}

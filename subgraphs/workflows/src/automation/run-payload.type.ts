import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Run } from "./run.type.js";

@ObjectType({ description: "Payload of a mutation that returns a run." })
@Allow(inherit)
export class RunPayload {
  @Field(() => Run, { description: "The run as it is after the call." })
  run!: Run;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { WorkflowTimer } from "./timer.type.js";

@ObjectType({ description: "Payload of a mutation that returns a workflow timer." })
@Allow(inherit)
export class WorkflowTimerPayload {
  @Field(() => WorkflowTimer, { description: "The workflow timer as it is after the call." })
  timer!: WorkflowTimer;
}

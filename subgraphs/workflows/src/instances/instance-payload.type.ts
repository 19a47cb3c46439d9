import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { WorkflowInstance } from "./instance.type.js";

@ObjectType({ description: "Payload of a mutation that returns a workflow instance and its subject." })
@Allow(inherit)
export class WorkflowInstancePayload {
  @Field(() => WorkflowInstance, { description: "The instance." })
  instance!: WorkflowInstance;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { TaskDependency } from "./dependency.type.js";

@ObjectType({ description: "Payload of a mutation that returns a task dependency." })
@Allow(inherit)
export class TaskDependencyPayload {
  @Field(() => TaskDependency, { description: "The task dependency as it is after the call." })
  dependency!: TaskDependency;
}

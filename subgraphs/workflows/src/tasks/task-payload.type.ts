import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { Task } from "./task.type.js";

@ObjectType({ description: "Payload of a mutation that returns a task." })
@Allow(inherit)
export class TaskPayload {
  @Field(() => Task, { description: "The task as it is after the call." })
  task!: Task;
}

@ObjectType({ description: "Payload of a mutation after which the task can belong to somebody else." })
@Allow(inherit)
export class HandedOverTaskPayload {
  @Field(() => Task, { nullable: true, description: "Current state of the task. Null if you could see it only because of the question." })
  task!: Task | null;
}

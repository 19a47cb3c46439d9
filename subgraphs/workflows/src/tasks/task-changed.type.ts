import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Task } from "./task.type.js";

export enum TaskChange {
  OPENED = "OPENED",
  CLAIMED = "CLAIMED",
  RELEASED = "RELEASED",
  ASSIGNED = "ASSIGNED",
  UPDATED = "UPDATED",
  REMARKED = "REMARKED",
  COMPLETED = "COMPLETED",
  CLOSED = "CLOSED",
}
registerEnumType(TaskChange, {
  name: "TaskChange",
  description: "What happened to a task.",
  valuesConfig: {
    OPENED: { description: "It waits for somebody." },
    CLAIMED: { description: "Somebody has taken it." },
    RELEASED: { description: "It was given back, and waits for somebody again." },
    ASSIGNED: { description: "It was given to somebody, or back to those to whom it is offered." },
    UPDATED: { description: "Its priority, its deadline or its checklist is another." },
    REMARKED: { description: "Somebody said, asked or answered something about it." },
    COMPLETED: { description: "It is done." },
    CLOSED: { description: "It is no longer needed." },
  },
});

@ObjectType({
  description:
    "A task was opened, taken, given on or back, changed, talked about, done or dropped. The change is as it was then; the task is as it is now.",
})
@Allow(inherit)
export class TaskChanged {
  @Field(() => String, { description: "Give it as `after` to miss nothing after a break." })
  cursor!: string;

  @Field(() => TaskChange, { description: "What happened." })
  change!: TaskChange;

  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;

  @Field(() => DateTimeScalar, { description: "When it happened." })
  occurredAt!: string;
}

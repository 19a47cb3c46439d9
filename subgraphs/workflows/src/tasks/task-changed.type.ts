import { Allow, inherit, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Task } from "./task.type.js";

export enum TaskChange {
  OPENED = "OPENED",
  CLAIMED = "CLAIMED",
  RELEASED = "RELEASED",
  ASSIGNED = "ASSIGNED",
  UPDATED = "UPDATED",
  COMMENTED = "COMMENTED",
  COMPLETED = "COMPLETED",
  CLOSED = "CLOSED",
}
registerEnumType(TaskChange, {
  name: "TaskChange",
  description: "Changes of a task.",
  valuesConfig: {
    OPENED: { description: "The task was opened." },
    CLAIMED: { description: "The task is claimed." },
    RELEASED: { description: "The task was released and is offered again." },
    ASSIGNED: { description: "The task was assigned to a user, or offered again to its candidates." },
    UPDATED: { description: "The priority, deadline or checklist was changed." },
    COMMENTED: { description: "A comment, question or answer was added." },
    COMPLETED: { description: "The task was completed." },
    CLOSED: { description: "The task is no longer needed." },
  },
});

@ObjectType({
  description:
    "A task was opened, claimed, released, delegated or assigned, changed, commented on, completed or closed. The change is as of the event; the task is in its current state.",
})
@Allow(inherit)
@ViewerIndependent("task.read", "task.assign")
export class TaskChanged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => TaskChange, { description: "Kind of change." })
  change!: TaskChange;

  @Field(() => Task, { description: "The task." })
  task!: Task;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}

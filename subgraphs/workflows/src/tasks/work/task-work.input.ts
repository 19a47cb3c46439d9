import { InputWarning, Priority } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Task } from "../task.type.js";

@InputType({ description: "The task, and the user who receives it." })
export class DelegateTaskInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => ID, { description: "ID of the new assignee (`usr_…`): an active user of your own organization." })
  userId!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the task that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The task, and the user who receives it." })
export class AssignTaskInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description: "ID of the new assignee (`usr_…`): an active user of your own organization. Null offers the task to its candidates again.",
  })
  userId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the task that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes to a task." })
export class UpdateTaskInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => Priority, { nullable: true, description: "Priority. Unchanged if omitted." })
  priority?: Priority | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Deadline. Null removes it; unchanged if omitted." })
  dueAt?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the task that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The checklist item to update." })
export class UpdateChecklistItemInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => String, { description: "Key of the item, from `Task.checklist`." })
  itemKey!: string;

  @Field(() => Boolean, { defaultValue: true, description: "Whether the item is completed." })
  isDone!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the task that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The updated task." })
@Allow(inherit)
export class UpdateTaskPayload {
  @Field(() => Task, { description: "The task." })
  task!: Task;

  @Field(() => [InputWarning], {
    description:
      "Changes that were made but are probably unintended. `DUE_IN_PAST`: the deadline is in the past, so the task is overdue immediately.",
  })
  warnings!: InputWarning[];
}

import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Task, TaskPriority } from "./task.type.js";

@InputType({ description: "Which task goes to whom." })
export class DelegateTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => ID, { description: "Who holds it from now on, `usr_…`: an active user of your own organisation." })
  userId!: string;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which task goes to whom." })
export class AssignTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description: "Who holds it from now on, `usr_…`: an active user of your own organisation. Null: those to whom it is offered.",
  })
  userId?: string | null;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What of a task is to be another." })
export class UpdateTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => TaskPriority, { nullable: true, description: "How much it presses; absent: as it is." })
  priority?: TaskPriority | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it should be done; null: no deadline; absent: as it is." })
  dueAt?: string | null;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which item of which task's checklist." })
export class TickTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => String, { description: "The item's key, of `Task.checklist`." })
  itemKey!: string;

  @Field(() => Boolean, { defaultValue: true, description: "False takes the tick back." })
  isDone!: boolean;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The task that somebody else holds now." })
@Allow(inherit)
export class DelegateTaskPayload {
  @Field(() => Task, { nullable: true, description: "The task as it is now; null when you see it no more." })
  task!: Task | null;
}

@ObjectType({ description: "The task with its new holder, or without one." })
@Allow(inherit)
export class AssignTaskPayload {
  @Field(() => Task, { nullable: true, description: "The task as it is now; null when you see it no more." })
  task!: Task | null;
}

@ObjectType({ description: "Something in an input that was accepted, and is probably not meant." })
@Allow(inherit)
export class TaskWarning {
  @Field(() => String, { description: "Where in the arguments: `input.dueAt`." })
  path!: string;

  @Field(() => String, { description: "What is odd about it, and what to do." })
  message!: string;

  @Field(() => String, { description: "Stable, for programs: `DUE_IN_PAST`." })
  code!: string;
}

@ObjectType({ description: "The changed task." })
@Allow(inherit)
export class UpdateTaskPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;

  @Field(() => [TaskWarning], {
    description: "What was done and is probably not meant. `DUE_IN_PAST`: the deadline has passed already, so the task is overdue at once.",
  })
  warnings!: TaskWarning[];
}

@ObjectType({ description: "The task with its checklist." })
@Allow(inherit)
export class TickTaskPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;
}

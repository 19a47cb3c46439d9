import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `moveProjectTask`." })
export class MoveProjectTaskInput {
  @Field(() => ID, { description: "The project task. Its subtasks move with it." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => ID, { nullable: true, description: "Task of the same project that contains it from now on. Null: at the top level." })
  parentId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Place among the tasks with the same parent (1 to 1,000,000). Tasks from there on move down. By default after the others.",
  })
  position?: number | null;
}

@InputType({ description: "Input of `deleteProjectTask`." })
export class DeleteProjectTaskInput {
  @Field(() => ID, { description: "The project task." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether its subtasks are deleted, too. Otherwise, a task with subtasks is kept.",
  })
  withSubtasks!: boolean;
}

@ObjectType({ description: "Payload of `deleteProjectTask`." })
@Allow(inherit)
export class DeleteProjectTaskPayload {
  @Field(() => [ID], {
    description: "IDs of the deleted tasks, the given one first. Pass that one to `restoreProjectTask` to restore all of them.",
  })
  projectTaskIds!: string[];
}

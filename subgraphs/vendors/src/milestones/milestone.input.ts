import { Allow, ConnectionArgs, type FilterValue, inherit, type OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { MilestoneFilter, MilestoneOrder } from "./milestone.filter.js";
import { Milestone } from "./milestone.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@ArgsType()
export class MilestonesArgs extends ConnectionArgs {
  @Field(() => MilestoneFilter.Input, { nullable: true, description: "Filter for milestones." })
  filter?: FilterValue | null;

  @Field(() => MilestoneOrder.Input, { nullable: true, description: "Sort order (default: by due day)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `createMilestone`." })
export class CreateMilestoneInput {
  @Field(() => ID, { description: "Project of the milestone." })
  projectId!: string;

  @Field(() => String, { description: "Name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Description (at most 4000 characters)." })
  description!: string;

  @Field(() => String, { description: "Last day on which it should be reached, as `YYYY-MM-DD`." })
  dueOn!: string;

  @Field(() => ID, { nullable: true, description: "User who is responsible (default: you)." })
  ownerId?: string | null;

  @Field(() => [ID], { nullable: true, description: "Tasks of the project that must be done before it can be submitted (at most 100)." })
  taskIds?: string[] | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateMilestone`. Omitted fields keep their values." })
export class UpdateMilestoneInput {
  @Field(() => ID, { description: "The milestone." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New description." })
  description?: string | null;

  @Field(() => String, { nullable: true, description: "New last day." })
  dueOn?: string | null;

  @Field(() => ID, { nullable: true, description: "User who is responsible from now on." })
  ownerId?: string | null;

  @Field(() => [ID], { nullable: true, description: "All tasks that must be done before it can be submitted, from now on. Empty: none." })
  taskIds?: string[] | null;
}

@ObjectType({ description: "Payload of the mutations that create or change a milestone." })
@Allow(inherit)
export class MilestonePayload {
  @Field(() => Milestone, { description: "The milestone." })
  milestone!: Milestone;
}

import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, ObjectType } from "type-graphql";
import { MilestoneFilter, MilestoneOrder } from "./milestone.filter.js";
import { Milestone } from "./milestone.type.js";

@ArgsType()
export class MilestonesArgs extends ConnectionArgs {
  @Field(() => MilestoneFilter.Input, { nullable: true, description: "Filter for milestones." })
  filter?: FilterValue | null;

  @Field(() => MilestoneOrder.Input, { nullable: true, description: "Sort order (default: by due day)." })
  orderBy?: OrderByValue | null;
}

@ObjectType({ description: "Payload of the mutations that create or change a milestone." })
@Allow(inherit)
export class MilestonePayload {
  @Field(() => Milestone, { description: "The milestone." })
  milestone!: Milestone;
}

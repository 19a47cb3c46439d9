import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, connectionOf, type OrderByValue } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, ID, InputType, ObjectType } from "type-graphql";
import { TeamFilter, TeamOrder } from "./team.filter.js";
import { Team } from "./team.type.js";

export const { Connection: TeamConnection } = connectionOf(Team);

@ArgsType()
export class TeamsArgs extends ConnectionArgs {
  @Field(() => TeamFilter.Input, { nullable: true, description: "Filter for teams." })
  filter?: FilterValue | null;

  @Field(() => TeamOrder.Input, { nullable: true, description: "Sort order (default: by key)." })
  orderBy?: OrderByValue | null;
}

@ObjectType({ description: "A member of a team." })
@Allow(inherit)
export class TeamMember {
  readonly userUuid!: string;

  @Field(() => Boolean, { description: "Whether the member leads the team." })
  isLead!: boolean;
}

@InputType({ description: "Input for adding a member or changing whether a member leads." })
export class AddTeamMemberInput {
  @Field(() => ID, { description: "The team." })
  teamId!: string;

  @Field(() => ID, { description: "The user." })
  userId!: string;

  @Field(() => Boolean, { defaultValue: false, description: "Whether the member leads the team." })
  isLead!: boolean;
}

@InputType({ description: "Input of `removeTeamMember`." })
export class RemoveTeamMemberInput {
  @Field(() => ID, { description: "The team." })
  teamId!: string;

  @Field(() => ID, { description: "The user." })
  userId!: string;
}

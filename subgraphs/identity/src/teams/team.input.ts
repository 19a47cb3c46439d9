import { Allow, ConnectionArgs, connectionOf, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
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

@InputType({ description: "Input of `createTeam`." })
export class CreateTeamInput {
  @Field(() => String, {
    description: "Key, unique in the tenant, for example `night-shift`: lower-case letters, digits, hyphens, and underscores.",
  })
  key!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Purpose (at most 2000 characters)." })
  description!: string;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same team.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Omitted fields keep their values." })
export class UpdateTeamInput {
  @Field(() => ID, { description: "The team." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "Purpose (at most 2000 characters)." })
  description?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
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

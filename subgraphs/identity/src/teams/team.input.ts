import { Allow, ConnectionArgs, connectionOf, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { TeamFilter, TeamOrder } from "./team.filter.js";
import { Team } from "./team.type.js";

export const { Connection: TeamConnection } = connectionOf(Team);

@ArgsType()
export class TeamsArgs extends ConnectionArgs {
  @Field(() => TeamFilter.Input, { nullable: true, description: "Only teams that meet this." })
  filter?: FilterValue | null;

  @Field(() => TeamOrder.Input, { nullable: true, description: "By key when nothing is said." })
  orderBy?: OrderByValue | null;
}

@ObjectType({ description: "Somebody in a team." })
@Allow(inherit)
export class TeamMember {
  readonly userUuid!: string;

  @Field(() => Boolean, { description: "Leads the team." })
  isLead!: boolean;
}

@InputType({ description: "What `createTeam` takes." })
export class CreateTeamInput {
  @Field(() => String, { description: "Lower-case letters, digits, - and _; unique in the tenant." })
  key!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "What it is for; at most 2000 characters." })
  description!: string;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same team." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createTeam` answers." })
@Allow(inherit)
export class CreateTeamPayload {
  @Field(() => Team, { description: "The team as it is now." })
  team!: Team;
}

@InputType({ description: "What is left out stays." })
export class UpdateTeamInput {
  @Field(() => ID, { description: "The team." })
  id!: string;

  @Field(() => String, { nullable: true, description: "What people call it; 1 to 200 characters." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "What it is for; at most 2000 characters." })
  description?: string | null;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `updateTeam` answers." })
@Allow(inherit)
export class UpdateTeamPayload {
  @Field(() => Team, { description: "The team as it is now." })
  team!: Team;
}

@InputType({ description: "What `deleteTeam` takes." })
export class DeleteTeamInput {
  @Field(() => ID, { description: "The team." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `deleteTeam` answers." })
@Allow(inherit)
export class DeleteTeamPayload {
  @Field(() => ID, { description: "ID of the deleted team, `tem_…`." })
  teamId!: string;
}

@InputType({ description: "Adds a member, or changes whether a member leads." })
export class AddTeamMemberInput {
  @Field(() => ID, { description: "The team." })
  teamId!: string;

  @Field(() => ID, { description: "The user." })
  userId!: string;

  @Field(() => Boolean, { defaultValue: false, description: "Leads the team." })
  isLead!: boolean;
}

@ObjectType({ description: "What `addTeamMember` answers." })
@Allow(inherit)
export class AddTeamMemberPayload {
  @Field(() => Team, { description: "The team as it is now." })
  team!: Team;
}

@InputType({ description: "What `removeTeamMember` takes." })
export class RemoveTeamMemberInput {
  @Field(() => ID, { description: "The team." })
  teamId!: string;

  @Field(() => ID, { description: "The user." })
  userId!: string;
}

@ObjectType({ description: "What `removeTeamMember` answers." })
@Allow(inherit)
export class RemoveTeamMemberPayload {
  @Field(() => Team, { description: "The team as it is now." })
  team!: Team;
}

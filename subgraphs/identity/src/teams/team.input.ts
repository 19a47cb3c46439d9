import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Team } from "./team.type.js";

@ObjectType({ description: "Somebody in a team." })
@Allow(inherit)
export class TeamMember {
  readonly userUuid!: string;

  @Field(() => Boolean)
  isLead!: boolean;
}

@InputType()
export class CreateTeamInput {
  @Field(() => String, { description: "Lower-case letters, digits, - and _; unique in the tenant." })
  key!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { defaultValue: "" })
  description!: string;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same team." })
  idempotencyKey?: string | null;
}

@ObjectType()
@Allow(inherit)
export class CreateTeamPayload {
  @Field(() => Team)
  team!: Team;
}

@InputType({ description: "Adds a member, or changes whether a member leads." })
export class AddTeamMemberInput {
  @Field(() => ID)
  teamId!: string;

  @Field(() => ID)
  userId!: string;

  @Field(() => Boolean, { defaultValue: false })
  isLead!: boolean;
}

@ObjectType()
@Allow(inherit)
export class AddTeamMemberPayload {
  @Field(() => Team)
  team!: Team;
}

@InputType()
export class RemoveTeamMemberInput {
  @Field(() => ID)
  teamId!: string;

  @Field(() => ID)
  userId!: string;
}

@ObjectType()
@Allow(inherit)
export class RemoveTeamMemberPayload {
  @Field(() => Team)
  team!: Team;
}

import { Allow, canInTenant, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { User } from "../principals/principal.type.js";

@ObjectType({ description: "What a user can do." })
@Allow(canInTenant("routing.read"))
export class UserSkills {
  @Field(() => User, { nullable: true, description: "Null when he cannot be shown to you." })
  user!: User | null;

  @Field(() => [String], { description: "In lower case, in alphabetical order." })
  skills!: string[];
}

@InputType({ description: "What a user can do, all of it." })
export class SetUserSkillsInput {
  @Field(() => ID, { description: "A user of the organisation, `usr_…`." })
  userId!: string;

  @Field(() => [String], {
    description: "At most 30, of at most 40 characters; kept in lower case, each once. What is not among them is taken away.",
  })
  skills!: string[];
}

@ObjectType({ description: "What the user can do." })
@Allow(inherit)
export class SetUserSkillsPayload {
  @Field(() => UserSkills, { description: "As it is now." })
  userSkills!: UserSkills;
}

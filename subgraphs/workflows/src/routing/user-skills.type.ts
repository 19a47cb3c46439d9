import { Allow, canInTenant } from "@weft/api/rules";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { User } from "../principals/principal.type.js";

@ObjectType({ description: "Skills of a user." })
@Allow(canInTenant("routing.read"))
export class UserSkills {
  @Field(() => User, { nullable: true, description: "User. Null if you cannot see the user." })
  user!: User | null;

  @Field(() => [String], { description: "Skills in lower case, in alphabetical order." })
  skills!: string[];
}

@InputType({ description: "The complete list of a user's skills." })
export class SetUserSkillsInput {
  @Field(() => ID, { description: "ID of a user of the organization (`usr_…`)." })
  userId!: string;

  @Field(() => [String], {
    description:
      "Skills: at most 30, each at most 40 characters. They are converted to lower case, and duplicates are removed. Skills that are not listed are removed from the user.",
  })
  skills!: string[];
}

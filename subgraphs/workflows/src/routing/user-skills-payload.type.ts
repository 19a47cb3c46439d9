import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { UserSkills } from "./user-skills.type.js";

@ObjectType({ description: "Payload of a mutation that returns the skills of a user." })
@Allow(inherit)
export class UserSkillsPayload {
  @Field(() => UserSkills, { description: "The skills of the user as they are after the call." })
  userSkills!: UserSkills;
}

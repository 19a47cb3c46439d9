import type { Context } from "@weft/api/context";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { listUserSkills, setUserSkills } from "./user-skills.service.js";
import { SetUserSkillsInput, UserSkills } from "./user-skills.type.js";
import { UserSkillsPayload } from "./user-skills-payload.type.js";

@Resolver(() => UserSkills)
export class UserSkillsResolver {
  @Query(() => [UserSkills], {
    nullable: true,
    description: "Skills of the users of the organization, at most 500 users. If a skill is given, only users who have it.",
  })
  @Allow(canInTenant("routing.read"))
  userSkills(
    @Arg("skill", () => String, { nullable: true, description: "Only users with this skill." }) skill: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<UserSkills[]> {
    return listUserSkills(ctx, skill ?? null);
  }

  @Mutation(() => UserSkillsPayload, { description: "Sets a user's skills. Errors: NOT_FOUND, BAD_USER_INPUT." })
  @Allow(canInTenant("routing.update"))
  async setUserSkills(@Arg("input", () => SetUserSkillsInput) input: SetUserSkillsInput, @Ctx() ctx: Context): Promise<UserSkillsPayload> {
    return { userSkills: await setUserSkills(ctx, input) };
  }
}

export const userSkillsModule: SubgraphModule = { resolvers: { routing: [UserSkillsResolver] } };

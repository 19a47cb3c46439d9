import { Allow, authenticated } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { UpdateProfileInput, UpdateProfilePayload } from "./profile.input.js";
import { updateProfile } from "./profile.service.js";
import { toUser } from "./user.type.js";

@Resolver()
export class ProfileResolver {
  @Mutation(() => UpdateProfilePayload, {
    description: "Changes what you say of yourself; needs no permission. Errors: BAD_USER_INPUT, FORBIDDEN (platform operators), CONFLICT.",
  })
  @Allow(authenticated)
  async updateProfile(
    @Arg("input", () => UpdateProfileInput, { description: "What to do." }) input: UpdateProfileInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateProfilePayload> {
    return { user: toUser(await updateProfile(ctx, input)) };
  }
}

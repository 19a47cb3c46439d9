import type { Context } from "@weft/api/context";
import { Allow, inPerson, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { UpdateProfileInput } from "./profile.type.js";
import { updateProfile } from "./profile.service.js";
import { toUser, UserPayload } from "../user.type.js";

@Resolver()
export class ProfileResolver {
  @Mutation(() => UserPayload, {
    description: "Changes your own profile. Requires no permission. Errors: BAD_USER_INPUT, FORBIDDEN (platform operators), CONFLICT.",
  })
  @Allow(inPerson)
  @VendorPortal()
  async updateProfile(
    @Arg("input", () => UpdateProfileInput, { description: "The input." }) input: UpdateProfileInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await updateProfile(ctx, input)) };
  }
}

export const profileModule: SubgraphModule = { resolvers: { people: [ProfileResolver] } };

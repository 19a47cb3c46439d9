import type { Context } from "@weft/api/context";
import { Allow, anyone } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { registerOrganization } from "./registration.service.js";
import { RegisterOrganizationInput, NewUserLoginPayload } from "./registration.type.js";

@Resolver()
export class RegistrationResolver {
  @Mutation(() => NewUserLoginPayload, {
    description:
      "Creates an organization with the built-in roles, a first team, and an administrator, and logs the administrator in. An email asks to verify the address (`verifyEmail`). Users of the organization specify its slug when they log in. Errors: BAD_USER_INPUT (a taken slug, with a free one suggested), FORBIDDEN (registration is closed), RATE_LIMITED, CONFLICT (the idempotency key).",
  })
  @Allow(anyone)
  registerOrganization(
    @Arg("input", () => RegisterOrganizationInput, { description: "The input." }) input: RegisterOrganizationInput,
    @Ctx() ctx: Context,
  ): Promise<NewUserLoginPayload> {
    return registerOrganization(ctx, input);
  }
}

export const registrationModule: SubgraphModule = { resolvers: { "sign-in": [RegistrationResolver] } };

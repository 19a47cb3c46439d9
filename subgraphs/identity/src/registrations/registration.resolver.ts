import { Allow, anyone } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { registerOrganization } from "./registration.service.js";
import { RegisterOrganizationInput, RegisterOrganizationPayload } from "./registration.type.js";

@Resolver()
export class RegistrationResolver {
  @Mutation(() => RegisterOrganizationPayload, {
    description:
      "Makes an organisation of its own with the shipped roles, a first team and its administrator, and logs that person in; a mail asks whether the email is theirs (`verifyEmail`). From then on its people name the organisation's slug at each login. Errors: BAD_USER_INPUT (a taken slug with one that is free), FORBIDDEN (registration is closed), RATE_LIMITED, CONFLICT (the idempotency key).",
  })
  @Allow(anyone)
  registerOrganization(
    @Arg("input", () => RegisterOrganizationInput, { description: "What to do." }) input: RegisterOrganizationInput,
    @Ctx() ctx: Context,
  ): Promise<RegisterOrganizationPayload> {
    return registerOrganization(ctx, input);
  }
}

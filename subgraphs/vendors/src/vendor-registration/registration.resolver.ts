import type { Context } from "@weft/api/context";
import { ReceivedPayload } from "@weft/api/inputs";
import { Allow, anyone } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RegisterVendorInput } from "./registration.input.js";
import { registerVendor } from "./registration.service.js";

@Resolver()
export class RegistrationResolver {
  @Mutation(() => ReceivedPayload, {
    description:
      "Registers a company as a vendor with a registration link, without a login. The vendor is in onboarding. The answer does not identify it. Errors: UNAUTHENTICATED (invalid link, the same answer for every reason), BAD_USER_INPUT, RATE_LIMITED, CONFLICT (idempotency key).",
  })
  @Allow(anyone)
  async registerVendor(@Arg("input", () => RegisterVendorInput) input: RegisterVendorInput, @Ctx() ctx: Context): Promise<ReceivedPayload> {
    return { receivedAt: await registerVendor(ctx, input) };
  }
}

export const registrationModule: SubgraphModule = { resolvers: { vendors: [RegistrationResolver] } };

import type { Context } from "@weft/api/context";
import { Allow, canInTenant, GatewayOnly, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { readScim, writeScim } from "./scim.service.js";
import { ScimParametersInput, ScimResponse, SendScimRequestInput, SendScimRequestPayload } from "./scim.type.js";

/** What the paths below `/scim/v2` of the gateway call. */
@Resolver()
export class ScimResolver {
  @Query(() => ScimResponse, {
    nullable: true,
    description:
      "What `GET /scim/v2/…` responds: users, teams, and what SCIM supports here. Errors in the request are part of the response.",
  })
  @Allow(canInTenant("user.provision"))
  scim(
    @Arg("path", () => String, { description: "Path below `/scim/v2`, for example `Users` or `Groups/tem_…`." }) path: string,
    @Arg("parameters", () => ScimParametersInput, { nullable: true, description: "Parameters of the URL." })
    parameters: ScimParametersInput | null,
    @Ctx() ctx: Context,
  ): Promise<ScimResponse> {
    return readScim(ctx, path, parameters ?? {});
  }

  @Mutation(() => SendScimRequestPayload, {
    description:
      "Does what a request to `/scim/v2/…` does: creates, changes, deactivates, and deletes users and teams. Errors in the request are part of the response. Errors: REAUTH_REQUIRED, FORBIDDEN (users with more rights than the account in use).",
  })
  @GatewayOnly()
  @Allow(canInTenant("user.provision"))
  @RequiresRecentLogin()
  async sendScimRequest(
    @Arg("input", () => SendScimRequestInput, { description: "The input." }) input: SendScimRequestInput,
    @Ctx() ctx: Context,
  ): Promise<SendScimRequestPayload> {
    return { response: await writeScim(ctx, input) };
  }
}

export const scimModule: SubgraphModule = { resolvers: { "single-sign-on": [ScimResolver] } };

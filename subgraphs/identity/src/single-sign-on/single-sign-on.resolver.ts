import type { Context } from "@weft/api/context";
import { Allow, anyone, GatewayOnly } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { LoginPayload } from "../sessions/session.type.js";
import { receiveLogoutToken } from "./back-channel-logout.service.js";
import { completeSingleSignOn } from "./complete.service.js";
import { findLoginMethods } from "./login-methods.service.js";
import { receiveSingleSignOn } from "./receive.service.js";
import { receiveSamlResponse } from "./receive-saml.service.js";
import { samlMetadataOf } from "./saml-metadata.service.js";
import * as types from "./single-sign-on.type.js";
import { startSingleSignOn } from "./start.service.js";

@Resolver()
export class SingleSignOnResolver {
  @Query(() => types.LoginMethods, {
    nullable: true,
    description:
      "Ways to log in with a login name, for the first step of a login form. The answer depends only on the domain after the @. Errors: RATE_LIMITED.",
  })
  @Allow(anyone)
  loginMethods(
    @Arg("login", () => String, { description: "Email address or user name." }) login: string,
    @Ctx() ctx: Context,
  ): Promise<types.LoginMethods> {
    return findLoginMethods(ctx, login);
  }

  @Query(() => String, {
    nullable: true,
    description: "Metadata document, as XML, by which an identity provider of the kind SAML knows Weft. Null if there is no such provider.",
  })
  @Allow(anyone)
  samlMetadata(
    @Arg("url", () => String, { description: "`serviceProvider.metadataUrl` of the provider, where the document also is." }) url: string,
    @Ctx() ctx: Context,
  ): Promise<string | null> {
    return samlMetadataOf(ctx, url);
  }

  @Mutation(() => types.StartSingleSignOnPayload, {
    description:
      "Begins a login with an identity provider. Browsers open `startUrl` of the provider instead, which does this and redirects them. Errors: NOT_FOUND, BAD_USER_INPUT (the redirect URL is not registered), SERVICE_UNAVAILABLE (the provider does not respond), RATE_LIMITED.",
  })
  @Allow(anyone)
  startSingleSignOn(
    @Arg("input", () => types.StartSingleSignOnInput, { description: "The input." }) input: types.StartSingleSignOnInput,
    @Ctx() ctx: Context,
  ): Promise<types.StartSingleSignOnPayload> {
    return startSingleSignOn(ctx, input);
  }

  @Mutation(() => types.ReceiveSingleSignOnPayload, {
    description:
      "Takes the answer of an identity provider. The gateway calls it when the browser returns to the provider's `callbackUrl`. Errors: UNAUTHENTICATED (the same answer for every reason), RATE_LIMITED.",
  })
  @GatewayOnly()
  @Allow(anyone)
  async receiveSingleSignOn(
    @Arg("input", () => types.ReceiveSingleSignOnInput, { description: "The input." }) input: types.ReceiveSingleSignOnInput,
    @Ctx() ctx: Context,
  ): Promise<types.ReceiveSingleSignOnPayload> {
    return { redirectUrl: await receiveSingleSignOn(ctx, input) };
  }

  @Mutation(() => types.ReceiveSamlResponsePayload, {
    description:
      "Takes the response of an identity provider of the kind SAML. The gateway calls it for requests to the provider's `acsUrl`. Errors: NOT_FOUND, UNAUTHENTICATED (the login is not known, or did not begin at Weft), RATE_LIMITED.",
  })
  @GatewayOnly()
  @Allow(anyone)
  async receiveSamlResponse(
    @Arg("input", () => types.ReceiveSamlResponseInput, { description: "The input." }) input: types.ReceiveSamlResponseInput,
    @Ctx() ctx: Context,
  ): Promise<types.ReceiveSamlResponsePayload> {
    return { redirectUrl: await receiveSamlResponse(ctx, input) };
  }

  @Mutation(() => LoginPayload, {
    description:
      "Exchanges the code of a login with an identity provider for a session. Errors: UNAUTHENTICATED (the same answer for every reason), RATE_LIMITED, LIMIT_EXCEEDED (the user has too many sessions; start the login again).",
  })
  @Allow(anyone)
  completeSingleSignOn(
    @Arg("input", () => types.CompleteSingleSignOnInput, { description: "The input." }) input: types.CompleteSingleSignOnInput,
    @Ctx() ctx: Context,
  ): Promise<LoginPayload> {
    return completeSingleSignOn(ctx, input);
  }

  @Mutation(() => types.ReceiveLogoutTokenPayload, {
    description:
      "Ends the sessions that an identity provider logs out. The gateway calls it for requests to the provider's `backChannelLogoutUrl`. Errors: NOT_FOUND, BAD_USER_INPUT (the token is not valid, or was already used), SERVICE_UNAVAILABLE (the provider's keys cannot be read).",
  })
  @GatewayOnly()
  @Allow(anyone)
  async receiveLogoutToken(
    @Arg("input", () => types.ReceiveLogoutTokenInput, { description: "The input." }) input: types.ReceiveLogoutTokenInput,
    @Ctx() ctx: Context,
  ): Promise<types.ReceiveLogoutTokenPayload> {
    await receiveLogoutToken(ctx, input);
    return { isAccepted: true };
  }
}

export const singleSignOnModule: SubgraphModule = { resolvers: { "single-sign-on": [SingleSignOnResolver] } };

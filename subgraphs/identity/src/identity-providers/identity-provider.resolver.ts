import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { IdInput, VersionedIdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { providerUrl, serviceProviderUrls } from "../single-sign-on/provider-url.js";
import * as inputs from "./identity-provider.input.js";
import * as service from "./identity-provider.service.js";
import * as keys from "./service-provider-key.service.js";
import {
  CreateIdentityProviderInput,
  IdentityProvider,
  IdentityProviderConnection,
  IdentityProviderPayload,
  UpdateIdentityProviderInput,
} from "./identity-provider.type.js";
import { SamlServiceProvider, SamlSettings } from "./identity-provider-settings.type.js";

@Resolver(() => IdentityProvider)
export class IdentityProviderResolver {
  @Query(() => IdentityProvider, { nullable: true, description: "An identity provider of the tenant. Errors: NOT_FOUND." })
  @Allow(canInTenant("identityProvider.read"))
  identityProvider(@Arg("id", () => ID, { description: "TypeID." }) id: string, @Ctx() ctx: Context): Promise<IdentityProvider> {
    return service.readIdentityProvider(ctx, decodeId("identityProvider", id));
  }

  @Query(() => IdentityProviderConnection, { nullable: true, description: "Identity providers of the tenant. Errors: BAD_USER_INPUT." })
  @Allow(canInTenant("identityProvider.read"))
  identityProviders(
    @Args(() => inputs.IdentityProvidersArgs) args: inputs.IdentityProvidersArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<IdentityProvider>> {
    return service.listIdentityProviders(ctx, args);
  }

  @FieldResolver(() => String, {
    description:
      "Where applications send the browser to log in. See `startSingleSignOn` for the parameters. Of the kind LDAP, nobody logs in there.",
  })
  @Allow(inherit)
  startUrl(@Root() provider: IdentityProvider, @Ctx() ctx: Context): string {
    return urlOf(ctx, provider, "start");
  }

  @FieldResolver(() => String, { description: "Redirect URI to register at a provider of the kind OIDC." })
  @Allow(inherit)
  callbackUrl(@Root() provider: IdentityProvider, @Ctx() ctx: Context): string {
    return urlOf(ctx, provider, "callback");
  }

  @FieldResolver(() => String, { description: "Back-channel logout URI to register at a provider of the kind OIDC." })
  @Allow(inherit)
  backChannelLogoutUrl(@Root() provider: IdentityProvider, @Ctx() ctx: Context): string {
    return urlOf(ctx, provider, "back-channel-logout");
  }

  @Mutation(() => IdentityProviderPayload, {
    description:
      "Creates an inactive identity provider. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN (roles that you cannot assign, or users with more rights than you), LIMIT_EXCEEDED, CONFLICT (the idempotency key).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async createIdentityProvider(
    @Arg("input", () => CreateIdentityProviderInput, { description: "The input." }) input: CreateIdentityProviderInput,
    @Ctx() ctx: Context,
  ): Promise<IdentityProviderPayload> {
    return { identityProvider: await service.createIdentityProvider(ctx, input) };
  }

  @Mutation(() => IdentityProviderPayload, {
    description:
      "Updates an identity provider. Another issuer or client ends the sessions that it has opened. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN (roles that you cannot assign, or users with more rights than you).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async updateIdentityProvider(
    @Arg("input", () => UpdateIdentityProviderInput, { description: "The input." }) input: UpdateIdentityProviderInput,
    @Ctx() ctx: Context,
  ): Promise<IdentityProviderPayload> {
    return { identityProvider: await service.updateIdentityProvider(ctx, input) };
  }

  @Mutation(() => IdentityProviderPayload, {
    description:
      "Lets users log in with an identity provider. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, FORBIDDEN (users with more rights than you).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async activateIdentityProvider(
    @Arg("input", () => VersionedIdInput, { description: "The provider." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<IdentityProviderPayload> {
    return { identityProvider: await service.activateIdentityProvider(ctx, input) };
  }

  @Mutation(() => inputs.DeactivateIdentityProviderPayload, {
    description:
      "Stops logins with an identity provider, also those that have begun. Open sessions stay open, unless `endsSessions` is set. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (also if no administrator could log in any more), FORBIDDEN (single sign-on is required, and users have more rights than you).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async deactivateIdentityProvider(
    @Arg("input", () => inputs.DeactivateIdentityProviderInput, { description: "The input." })
    input: inputs.DeactivateIdentityProviderInput,
    @Ctx() ctx: Context,
  ): Promise<inputs.DeactivateIdentityProviderPayload> {
    return service.deactivateIdentityProvider(ctx, input);
  }

  @Mutation(() => inputs.DeleteIdentityProviderPayload, {
    description:
      "Deletes an identity provider and the links to its users, ends the sessions that it has opened, and revokes the API keys that users have created for themselves in them. The users stay. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (also if no administrator could log in any more), FORBIDDEN (single sign-on is required, and users have more rights than you).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async deleteIdentityProvider(
    @Arg("input", () => VersionedIdInput, { description: "The provider." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<inputs.DeleteIdentityProviderPayload> {
    return service.deleteIdentityProvider(ctx, input);
  }

  @Mutation(() => IdentityProviderPayload, {
    description:
      "Makes the next key with which Weft signs requests to a provider of the kind SAML, and decrypts its assertions. Weft continues to sign with the current one until you call `activateIdentityProviderKey`. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT (a provider of another kind), CONFLICT (also if there is a next key already).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async rotateIdentityProviderKey(
    @Arg("input", () => VersionedIdInput, { description: "The provider, of the kind SAML." })
    input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<IdentityProviderPayload> {
    return { identityProvider: await keys.rotateIdentityProviderKey(ctx, input) };
  }

  @Mutation(() => IdentityProviderPayload, {
    description:
      "Replaces the current key by the next one. The replaced key decrypts assertions for a while longer. Call it when the provider has the certificate. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT (also for a provider of another kind), CONFLICT (also if there is no next key, or a key that an earlier call has replaced still has time left).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async activateIdentityProviderKey(
    @Arg("input", () => inputs.ActivateIdentityProviderKeyInput, { description: "The input." })
    input: inputs.ActivateIdentityProviderKeyInput,
    @Ctx() ctx: Context,
  ): Promise<IdentityProviderPayload> {
    return { identityProvider: await keys.activateIdentityProviderKey(ctx, input) };
  }

  @Mutation(() => inputs.TestIdentityProviderPayload, {
    description:
      "Says whether logins with an identity provider can work. Of the kind OIDC, its discovery document is read; of the kind SAML, the certificates are checked; of the kind LDAP, Weft connects and searches. Errors: NOT_FOUND, RATE_LIMITED.",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  async testIdentityProvider(
    @Arg("input", () => IdInput, { description: "The provider." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<inputs.TestIdentityProviderPayload> {
    return service.testIdentityProvider(ctx, input);
  }
}

@Resolver(() => SamlSettings)
export class SamlSettingsResolver {
  @FieldResolver(() => SamlServiceProvider, { description: "What to enter at the provider." })
  @Allow(inherit)
  serviceProvider(@Root() { tenantUuid, providerId, ...saml }: SamlSettings, @Ctx() ctx: Context): SamlServiceProvider {
    return {
      ...serviceProviderUrls(ctx.services.config, { tenantId: encodeId("tenant", tenantUuid), providerId }),
      certificate: saml.serviceProviderCertificate,
      nextCertificate: saml.nextServiceProviderCertificate ?? null,
      previousKeyExpiresAt: saml.previousServiceProviderKeyExpiresAt ?? null,
    };
  }
}

const urlOf = ({ services }: Context, { id, tenantUuid }: IdentityProvider, step: Parameters<typeof providerUrl>[2]): string =>
  providerUrl(services.config, { tenantId: encodeId("tenant", tenantUuid), providerId: id }, step);

export const identityProviderModule: SubgraphModule = { resolvers: { "single-sign-on": [IdentityProviderResolver, SamlSettingsResolver] } };

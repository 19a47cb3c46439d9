import type { Context } from "@weft/api/context";
import { DeletePayload, IdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { DomainsArgs, VerifyDomainPayload } from "./domain.input.js";
import { addDomain, listDomains, removeDomain, verifyDomain } from "./domain.service.js";
import { AddDomainInput, type Domain, DomainConnection, DomainPayload } from "./domain.type.js";

@Resolver()
export class DomainResolver {
  @Query(() => DomainConnection, { nullable: true, description: "Domains of the tenant. Errors: BAD_USER_INPUT." })
  @Allow(canInTenant("identityProvider.read"))
  domains(@Args(() => DomainsArgs) args: DomainsArgs, @Ctx() ctx: Context): Promise<Page<Domain>> {
    return listDomains(ctx, args);
  }

  @Mutation(() => DomainPayload, {
    description:
      "Adds a domain, and says which DNS record proves that it is yours. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, LIMIT_EXCEEDED, CONFLICT (the idempotency key).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async addDomain(
    @Arg("input", () => AddDomainInput, { description: "The input." }) input: AddDomainInput,
    @Ctx() ctx: Context,
  ): Promise<DomainPayload> {
    return { domain: await addDomain(ctx, input) };
  }

  @Mutation(() => VerifyDomainPayload, {
    description:
      "Looks for the DNS record of a domain. If it is there, the domain is verified; if not, it no longer is. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (another organization has verified it).",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  verifyDomain(
    @Arg("input", () => IdInput, { description: "The domain." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<VerifyDomainPayload> {
    return verifyDomain(ctx, input);
  }

  @Mutation(() => DeletePayload, {
    description: "Removes a domain. Users who have logged in with an identity provider still can. Errors: REAUTH_REQUIRED, NOT_FOUND.",
  })
  @Allow(allOf(inPerson, canInTenant("identityProvider.manage")))
  @RequiresRecentLogin()
  async removeDomain(
    @Arg("input", () => IdInput, { description: "The domain." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await removeDomain(ctx, input) };
  }
}

export const domainModule: SubgraphModule = { resolvers: { "single-sign-on": [DomainResolver] } };

import type { Context } from "@weft/api/context";
import { connectionOf, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadUser } from "../../users/user.loader.js";
import { User } from "../../users/user.type.js";
import { LegalHoldsArgs } from "./legal-hold.input.js";
import * as service from "./legal-hold.service.js";
import { CreateLegalHoldInput, EndLegalHoldInput, LegalHold, LegalHoldPayload } from "./legal-hold.type.js";

const { Connection: LegalHoldConnection } = connectionOf(LegalHold);

@Resolver(() => LegalHold)
export class LegalHoldResolver {
  @Query(() => LegalHold, { nullable: true, description: "A legal hold. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(canInTenant("privacy.read"))
  legalHold(@Arg("id", () => ID, { description: "ID of the hold (`lgh_…`)." }) id: string, @Ctx() ctx: Context): Promise<LegalHold> {
    return service.readLegalHold(ctx, id);
  }

  @Query(() => LegalHoldConnection, {
    nullable: true,
    description: "Legal holds of the tenant, newest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("privacy.read"))
  legalHolds(@Args(() => LegalHoldsArgs) args: LegalHoldsArgs, @Ctx() ctx: Context): Promise<Page<LegalHold>> {
    return service.listLegalHolds(ctx, args);
  }

  @FieldResolver(() => User, { nullable: true, description: "User who placed it. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: LegalHold, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, createdByUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User who ended it. Null while it is open, or if you cannot see the user." })
  @Allow(inherit)
  async endedBy(@Root() { endedByUuid }: LegalHold, @Ctx() ctx: Context): Promise<User | null> {
    return endedByUuid === null ? null : loadUser(ctx, endedByUuid);
  }

  @Mutation(() => LegalHoldPayload, {
    description:
      "Places a legal hold on a person, on a request, or on the whole organization. Until it is ended, nobody whom it covers is anonymized or erased. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT (an open hold, idempotency key).",
  })
  @Allow(allOf(inPerson, canInTenant("privacy.manage")))
  @RequiresRecentLogin()
  async createLegalHold(
    @Arg("input", () => CreateLegalHoldInput) input: CreateLegalHoldInput,
    @Ctx() ctx: Context,
  ): Promise<LegalHoldPayload> {
    return { legalHold: await service.createLegalHold(ctx, input) };
  }

  @Mutation(() => LegalHoldPayload, {
    description:
      "Ends a legal hold, and emails this to the user who placed it. Approved erasures that it has stopped continue. For a week, you can neither request nor approve an erasure of whom it covered. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (it covers you, or stops an erasure that you have requested or approved), BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(allOf(inPerson, canInTenant("privacy.manage")))
  @RequiresRecentLogin()
  async endLegalHold(@Arg("input", () => EndLegalHoldInput) input: EndLegalHoldInput, @Ctx() ctx: Context): Promise<LegalHoldPayload> {
    return { legalHold: await service.endLegalHold(ctx, input) };
  }
}

export const legalHoldModule: SubgraphModule = { resolvers: { privacy: [LegalHoldResolver] } };

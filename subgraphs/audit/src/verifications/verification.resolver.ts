import { audit } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, type Page } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../nodes/entity.type.js";
import { StartAuditVerificationInput } from "./verification.input.js";
import { getVerification, startVerification } from "./verification.service.js";
import { countVerifications, selectVerifications, type VerificationRow } from "./verification.store.js";
import { AuditVerification, AuditVerificationConnection, toAuditVerification, AuditVerificationPayload } from "./verification.type.js";

const { verifications } = audit;

@Resolver(() => AuditVerification)
export class AuditVerificationResolver {
  @Mutation(() => AuditVerificationPayload, {
    nullable: true,
    description:
      "Starts a verification of the whole audit trail in the background. Only one runs at a time: if one is running, it is returned. Errors: CONFLICT (one with another checkpoint is running).",
  })
  @Allow(can("audit.verify"))
  async startAuditVerification(
    @Arg("input", () => StartAuditVerificationInput) input: StartAuditVerificationInput,
    @Ctx() ctx: Context,
  ): Promise<AuditVerificationPayload> {
    return { verification: toAuditVerification(await startVerification(ctx, input)) };
  }

  @Query(() => AuditVerification, {
    nullable: true,
    description: "A verification of the whole audit trail, with its progress and result. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(can("audit.verify"))
  async auditVerification(
    @Arg("id", () => ID, { description: "ID of the verification (`avf_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<AuditVerification> {
    const uuid = decodeId("auditVerification", id);
    return toAuditVerification(await ctx.read((tx) => getVerification(tx, uuid)));
  }

  @Query(() => AuditVerificationConnection, {
    nullable: true,
    description: "Verifications of the whole audit trail, newest first. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("audit.verify"))
  auditVerifications(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<AuditVerification>> {
    return keysetPage<VerificationRow, AuditVerification>(ctx, {
      args,
      list: "auditVerifications",
      orderBy: null,
      id: { column: verifications.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => selectVerifications(tx, slice)),
      count: () => ctx.read((tx) => countVerifications(tx)),
      toNode: toAuditVerification,
    });
  }

  @FieldResolver(() => User, { nullable: true, description: "User who started it. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() verification: AuditVerification): EntityStub {
    return userStub(verification.createdByUuid);
  }
}

export const auditVerificationModule: SubgraphModule = { resolvers: { audit: [AuditVerificationResolver] } };

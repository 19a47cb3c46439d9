import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { verifyNewEntries } from "../verifications/verification.service.js";
import { AuditTrailReport, toAuditTrailReport } from "./audit-report.type.js";

@Resolver()
export class AuditReportResolver {
  @Query(() => AuditTrailReport, {
    nullable: true,
    description:
      "Verifies entries added to the audit trail since the last verification (at most 5,000) and returns the first problem. `startAuditVerification` verifies the whole trail. One verification runs at a time. Errors: RATE_LIMITED (one is running), QUERY_LIMIT_EXCEEDED (a second one in the operation).",
  })
  @Allow(can("audit.verify"))
  async verifyAuditTrail(
    @Arg("checkpoint", () => String, {
      nullable: true,
      description: "Signed head of the chain that was stored elsewhere. The chain must still lead to it.",
    })
    checkpoint: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<AuditTrailReport> {
    return toAuditTrailReport(await verifyNewEntries(ctx, checkpoint ?? null));
  }
}

export const auditReportModule: SubgraphModule = { resolvers: { audit: [AuditReportResolver] } };

import { Allow, can, type Context } from "@weft/shared";
import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { verifyNewEntries } from "../verifications/verification.service.js";
import { AuditTrailReport, toAuditTrailReport } from "./audit-report.type.js";

@Resolver()
export class AuditReportResolver {
  @Query(() => AuditTrailReport, {
    nullable: true,
    description:
      "Verifies what was added to the audit trail since the last verification, at most 5,000 entries, and names the first bad place. `startAuditVerification` verifies the whole trail. One verification runs at a time. Errors: RATE_LIMITED (one is running), QUERY_LIMIT_EXCEEDED (a second one in the operation).",
  })
  @Allow(can("audit.verify"))
  async verifyAuditTrail(
    @Arg("checkpoint", () => String, {
      nullable: true,
      description: "A signed end of the chain that was kept elsewhere: the chain must still lead up to it.",
    })
    checkpoint: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<AuditTrailReport> {
    return toAuditTrailReport(await verifyNewEntries(ctx, checkpoint ?? null));
  }
}

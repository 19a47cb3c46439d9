import { Allow, can, checkpointSigner, type Context, verifyChain } from "@weft/shared";
import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { AuditTrailReport, toAuditTrailReport } from "./audit-report.type.js";

@Resolver()
export class AuditReportResolver {
  @Query(() => AuditTrailReport, {
    nullable: true,
    description:
      "Recomputes the chain of all audit entries of the tenant from what is stored, and names the first bad place. Takes a while on long trails.",
  })
  @Allow(can("audit.verify"))
  async verifyAuditTrail(
    @Arg("checkpoint", () => String, {
      nullable: true,
      description: "A signed end of the chain that was kept elsewhere: the chain must still lead up to it.",
    })
    checkpoint: string | null,
    @Ctx() ctx: Context,
  ): Promise<AuditTrailReport> {
    const signer = await checkpointSigner(ctx.services.keys.checkpoint);
    const report = await ctx.read((tx) => verifyChain(tx, ctx.viewer.tenantId, { signer, knownCheckpoint: checkpoint }));
    return toAuditTrailReport(report);
  }
}

import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { SlaReportFilter } from "./sla-report.input.js";
import { readSlaReport } from "./sla-report.service.js";
import { SlaReport, SlaReportGrouping, SlaReportInterval } from "./sla-report.type.js";

@Resolver()
export class SlaReportResolver {
  @Query(() => SlaReport, {
    nullable: true,
    description:
      "Compliance with SLAs in a period, of the instances that you can see. Each clock counts once: in the interval in which it ended, or if it has not ended, in which it reached its target. For the clocks themselves, see `slaBreaches`. Errors: BAD_USER_INPUT, FORBIDDEN (users of vendors), QUERY_LIMIT_EXCEEDED (more than 500,000 clocks; use a shorter period).",
  })
  @Allow(can("sla.read"))
  slaReport(
    @Arg("filter", () => SlaReportFilter, { nullable: true, description: "Which clocks are counted, and the period." })
    filter: SlaReportFilter | null | undefined,
    @Arg("groupBy", () => SlaReportGrouping, { nullable: true, description: "Adds sums by group." })
    groupBy: SlaReportGrouping | null | undefined,
    @Arg("interval", () => SlaReportInterval, { nullable: true, description: "Length of the intervals of `trend`. Default: DAY." })
    interval: SlaReportInterval | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<SlaReport> {
    return readSlaReport(ctx, { filter: filter ?? {}, groupBy: groupBy ?? null, interval: interval ?? SlaReportInterval.DAY });
  }
}

export const slaReportModule: SubgraphModule = { resolvers: { deadlines: [SlaReportResolver] } };

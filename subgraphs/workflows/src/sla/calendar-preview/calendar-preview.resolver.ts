import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import { allOf, Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Int, Query, Resolver } from "type-graphql";
import { SlaPreview } from "../recomputations/recomputation.type.js";
import { PreviewCalendarChangeInput } from "./calendar-preview.input.js";
import { MAX_PREVIEWED } from "../policies/preview.service.js";
import { previewCalendarChange } from "./calendar-preview.service.js";

const PREVIEWED = 100;

@Resolver()
export class CalendarPreviewResolver {
  @Query(() => SlaPreview, {
    nullable: true,
    description:
      "Returns what a change of the time zone, the working hours, the holidays or the calendars of the tenant or of a team would do to open SLA clocks. Nothing is written. Errors: NOT_FOUND (the team), BAD_USER_INPUT.",
  })
  @Allow(allOf(canInTenant("sla.read"), canInTenant("configuration.update")))
  @SizedBy({ by: ["first"], initial: PREVIEWED, maximum: MAX_PREVIEWED, fields: ["changes"] })
  previewCalendarChange(
    @Arg("input", () => PreviewCalendarChangeInput) input: PreviewCalendarChangeInput,
    @Arg("first", () => Int, { nullable: true, description: "Number of instances whose clocks are examined, 1 to 500 (default 100)." })
    first: number | null | undefined,
    @Arg("cursor", () => String, { nullable: true, description: "`nextCursor` of the previous page." }) cursor: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<SlaPreview> {
    return previewCalendarChange(ctx, input, { first: first ?? PREVIEWED, cursor });
  }
}

export const calendarPreviewModule: SubgraphModule = { resolvers: { deadlines: [CalendarPreviewResolver] } };

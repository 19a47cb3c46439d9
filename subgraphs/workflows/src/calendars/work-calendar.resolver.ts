import { localTime } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import { Allow, canInTenant } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Float, ID, Int, Query, Resolver, Root } from "type-graphql";
import { calendarDaysOf, deadlineOf, MAX_DAYS, workCalendarsOf, workingSecondsOf } from "./work-calendar.service.js";
import { CalendarDay, WorkCalendar } from "./work-calendar.type.js";

const DEFAULT_DAYS = 14;

@Resolver(() => WorkCalendar)
export class WorkCalendarResolver {
  @Query(() => [WorkCalendar], {
    nullable: true,
    description:
      "Calendars of a team or of the tenant: first the one that applies by default, then those of the configuration by name, and `always`, which has no hours off. Errors: NOT_FOUND (the team), BAD_USER_INPUT (its ID).",
  })
  @Allow(canInTenant("definition.read"))
  workCalendars(
    @Arg("teamId", () => ID, { nullable: true, description: "ID of the team (`tea_…`). By default, the tenant's calendars." })
    teamId: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<WorkCalendar[]> {
    return workCalendarsOf(ctx, teamId);
  }

  @FieldResolver(() => [CalendarDay], { description: "Days with their working hours and holidays. Errors: BAD_USER_INPUT." })
  @SizedBy({ by: ["first"], initial: DEFAULT_DAYS, maximum: MAX_DAYS })
  days(
    @Root() calendar: WorkCalendar,
    @Arg("from", () => String, { nullable: true, description: "First date, for example 2026-03-01. By default, today." })
    from: string | null | undefined,
    @Arg("first", () => Int, { nullable: true, description: "Number of days (default 14, maximum 400)." }) first: number | null | undefined,
  ): CalendarDay[] {
    return calendarDaysOf(calendar, from, first ?? DEFAULT_DAYS);
  }

  @FieldResolver(() => Boolean, { description: "Whether a time is working time." })
  isWorkingTime(
    @Root() { calendar, now }: WorkCalendar,
    @Arg("at", () => DateTimeScalar, { nullable: true, description: "Time. By default, now." }) at: string | null | undefined,
  ): boolean {
    return localTime(at ?? now, calendar).isWorking;
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description: "Time when a duration is over. Null if there is no such time within ten years. Errors: BAD_USER_INPUT.",
  })
  deadline(
    @Root() calendar: WorkCalendar,
    @Arg("after", () => String, {
      nullable: true,
      description: "Duration as in `due` of a task, for example `4 working hours` or `P2D` (default: 1 working day).",
    })
    after: string | null | undefined,
    @Arg("from", () => DateTimeScalar, { nullable: true, description: "Time to count from. By default, now." })
    from: string | null | undefined,
  ): string | null {
    return deadlineOf(calendar, after ?? "1 working day", from);
  }

  @FieldResolver(() => Float, {
    description: "Working time between two times in seconds, negative if `to` is earlier. Errors: BAD_USER_INPUT (more than 20 years).",
  })
  workingSeconds(
    @Root() calendar: WorkCalendar,
    @Arg("from", () => DateTimeScalar, { nullable: true, description: "Begin. By default, now." }) from: string | null | undefined,
    @Arg("to", () => DateTimeScalar, { nullable: true, description: "End. By default, now." }) to: string | null | undefined,
  ): number {
    return workingSecondsOf(calendar, from ?? calendar.now, to ?? calendar.now);
  }
}

export const workCalendarModule: SubgraphModule = { resolvers: { deadlines: [WorkCalendarResolver] } };

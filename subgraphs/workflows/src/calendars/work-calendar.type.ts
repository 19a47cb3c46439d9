import type { Calendar } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "Working hours from one time of day to another." })
@Allow(inherit)
export class WorkingSpan {
  @Field(() => String, { description: "Begin, for example 09:00." })
  from!: string;

  @Field(() => String, { description: "End, which is no longer working time, for example 17:00. 24:00 is the end of the day." })
  to!: string;
}

@ObjectType({ description: "A day of a calendar." })
@Allow(inherit)
export class CalendarDay {
  @Field(() => String, { description: "Date, for example 2026-03-01." })
  date!: string;

  @Field(() => [WorkingSpan], { description: "Working hours in the calendar's time zone. Empty on holidays and other days off." })
  workingHours!: WorkingSpan[];

  @Field(() => String, { nullable: true, description: "Name of the holiday. Null on other days." })
  holiday!: string | null;
}

@ObjectType({ description: "A calendar by which deadlines and service levels count working time." })
@Allow(inherit)
export class WorkCalendar {
  @Field(() => String, {
    nullable: true,
    description: "Name, for `calendar` in definitions. Null for the calendar that applies by default.",
  })
  name!: string | null;

  @Field(() => String, { description: "IANA time zone, for example Europe/Vienna." })
  timeZone!: string;

  /** For the field resolvers; not fields. */
  readonly calendar!: Calendar;
  readonly holidays!: ReadonlyMap<string, string>;
  /** The tenant's time, in ISO 8601. */
  readonly now!: string;
}

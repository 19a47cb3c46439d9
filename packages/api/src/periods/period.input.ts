import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { DateTimeScalar } from "../scalars/date-time.js";

/** Fields of every filter that selects a period. See `periodOf` and `timeZoneOf`. */
@InputType()
export abstract class PeriodFilter {
  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the period. Default: 30 days before its end." })
  from?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "End of the period, not included. Default: now. A period has at most 400 days.",
  })
  to?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Time zone of days, weeks, and hours, for example Europe/Zurich. Default: the time zone of the organization.",
  })
  timeZone?: string | null;
}

import { Field, InputType, Int } from "type-graphql";
import { ReportContentInput } from "../report.input.js";

@InputType({ description: "Input of `createComplianceReportSchedule`." })
export class CreateComplianceReportScheduleInput extends ReportContentInput {
  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, {
    description:
      "Cron expression: minute, hour, day of month, month, day of week. At most one report a day. `0 6 1 * *`: at 6 on the first of each month.",
  })
  cron!: string;

  @Field(() => Int, {
    description:
      "Days of the period, which ends when the report is planned: 1 to 400. It is longer if the previous report ended earlier, so that nothing is in no report.",
  })
  periodDays!: number;
}

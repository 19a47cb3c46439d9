import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Days on which a vendor gets no work." })
export class VendorAbsenceInput {
  @Field(() => String, { description: "First day, for example `2026-03-01`." })
  fromDay!: string;

  @Field(() => String, { description: "Last day, for example `2026-03-07`. Not before the first day." })
  untilDay!: string;

  @Field(() => String, { nullable: true, description: "Reason, for users of the organization (1 to 1,000 characters)." })
  reason?: string | null;
}

@InputType({ description: "Input of `setVendorAvailability`. Omitted fields stay as they are." })
export class SetVendorAvailabilityInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the vendor that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => [VendorAbsenceInput], {
    nullable: true,
    description: "All absences (at most 100). They replace the existing ones, and must not overlap.",
  })
  absences?: VendorAbsenceInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Name of a calendar of the configuration, with the days on which the vendor works. Null: the organization's calendar.",
  })
  calendar?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Maximum number of open assignments of requests and project tasks (0 to 100,000). Null: no limit.",
  })
  maxOpen?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Maximum number of assignments on one day: requests assigned on it, and project tasks planned for it (0 to 100,000). Null: no limit.",
  })
  perDay?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Maximum number of assignments in one week, from Monday on: requests assigned in it, and project tasks planned for a day of it (0 to 100,000). Null: no limit.",
  })
  perWeek?: number | null;
}

import { column, columns, shapeOf, ShowColumns, updateInputOf } from "@weft/api/columns";
import { Allow, inherit, staff } from "@weft/api/rules";
import { Field, InputType, Int, ObjectType } from "type-graphql";

@ObjectType({ description: "Days on which a vendor gets no work." })
@Allow(inherit)
export class VendorAbsence {
  @Field(() => String, { description: "First day, as `YYYY-MM-DD`." })
  fromDay!: string;

  @Field(() => String, { description: "Last day, as `YYYY-MM-DD`." })
  untilDay!: string;

  @Field(() => String, { nullable: true, description: "Reason. Null if there is none. Only for users of the organization." })
  @Allow(staff)
  reason!: string | null;
}

@InputType({ description: "Days on which a vendor gets no work." })
export class VendorAbsenceInput {
  @Field(() => String, { description: "First day, for example `2026-03-01`." })
  fromDay!: string;

  @Field(() => String, { description: "Last day, for example `2026-03-07`. Not before the first day." })
  untilDay!: string;

  @Field(() => String, { nullable: true, description: "Reason, for users of the organization (1 to 1,000 characters)." })
  reason?: string | null;
}

@ObjectType({ description: "The assignments of a vendor that count for its limits, by the clock of the organization." })
@Allow(inherit)
export class VendorCurrentLoad {
  @Field(() => Int, { description: "Requests and project tasks that are assigned to the vendor and have not ended." })
  open!: number;

  @Field(() => Int, {
    description:
      "Requests assigned today, and open project tasks planned for today. Requests that were assigned to somebody else again do not count.",
  })
  today!: number;

  @Field(() => Int, {
    description:
      "Requests assigned since Monday, and open project tasks planned for a day of this week. Requests that were assigned to somebody else again do not count.",
  })
  thisWeek!: number;
}

const isKey = { shown: false, created: false, isKey: true } as const;

export const availabilityColumns = columns({
  id: column.id("The vendor.", { ...isKey, requiredInUpdate: true }),
  expectedVersion: column.int(
    "Version of the vendor that you last read. The call fails with `CONFLICT` if the current version differs.",
    isKey,
  ),
  absences: column.pair(
    () => [VendorAbsence],
    () => [VendorAbsenceInput],
    "Absences, earliest first.",
    {
      updated: "All absences (at most 100). They replace the existing ones, and must not overlap.",
    },
  ),
  calendar: column.text(
    "Name of a calendar of the configuration, with the days on which the vendor works. Null: the organization's calendar.",
    { nullable: true },
  ),
  maxOpen: column.int("Maximum number of open assignments. Null: no limit.", {
    nullable: true,
    updated: "Maximum number of open assignments of requests and project tasks (0 to 100,000). Null: no limit.",
  }),
  perDay: column.int(
    "Maximum number of assignments on one day: requests assigned on it, and project tasks planned for it. Null: no limit.",
    {
      nullable: true,
      updated:
        "Maximum number of assignments on one day: requests assigned on it, and project tasks planned for it (0 to 100,000). Null: no limit.",
    },
  ),
  perWeek: column.int(
    "Maximum number of assignments in one week, from Monday on: requests assigned in it, and project tasks planned for a day of it. Null: no limit.",
    {
      nullable: true,
      updated:
        "Maximum number of assignments in one week, from Monday on: requests assigned in it, and project tasks planned for a day of it (0 to 100,000). Null: no limit.",
    },
  ),
  ...column.shownOnly({
    load: column.of(() => VendorCurrentLoad, "Current assignments. Only for users of the organization.", {
      nullable: true,
      resolved: true,
      decorators: [Allow(staff)],
    }),
  }),
});

@ShowColumns(availabilityColumns)
@ObjectType({ description: "When a vendor works, and how much work it takes." })
@Allow(inherit)
export class VendorAvailability extends shapeOf(availabilityColumns) {
  vendorId!: string;
}

export const SetVendorAvailabilityInput = updateInputOf(
  "SetVendorAvailabilityInput",
  availabilityColumns,
  "Input of `setVendorAvailability`. Omitted fields stay as they are.",
);
export type SetVendorAvailabilityInput = InstanceType<typeof SetVendorAvailabilityInput>;

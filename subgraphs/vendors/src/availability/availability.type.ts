import { Allow, inherit, staff } from "@weft/shared";
import { Field, Int, ObjectType } from "type-graphql";

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

@ObjectType({ description: "When a vendor works, and how much work it takes." })
@Allow(inherit)
export class VendorAvailability {
  @Field(() => [VendorAbsence], { description: "Absences, earliest first." })
  absences!: VendorAbsence[];

  @Field(() => String, {
    nullable: true,
    description: "Name of a calendar of the configuration, with the days on which the vendor works. Null: the organization's calendar.",
  })
  calendar!: string | null;

  @Field(() => Int, { nullable: true, description: "Maximum of open assignments. Null: no limit." })
  maxOpen!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Maximum of assignments on one day: requests assigned on it, and project tasks planned for it. Null: no limit.",
  })
  perDay!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Maximum of assignments in one week, from Monday on: requests assigned in it, and project tasks planned for a day of it. Null: no limit.",
  })
  perWeek!: number | null;

  @Field(() => VendorCurrentLoad, {
    nullable: true,
    description: "The present assignments. Only for users of the organization.",
  })
  @Allow(staff)
  load?: VendorCurrentLoad | null;

  vendorId!: string;
}

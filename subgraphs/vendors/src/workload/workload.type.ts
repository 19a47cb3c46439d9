import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";

export const WorkloadPeriod = { DAY: "DAY", WEEK: "WEEK" } as const;
export type WorkloadPeriod = keyof typeof WorkloadPeriod;

registerEnumType(WorkloadPeriod, {
  name: "WorkloadPeriod",
  description: "Length of the buckets of a workload.",
  valuesConfig: {
    DAY: { description: "A day." },
    WEEK: { description: "A week from Monday to Sunday. The first and the last can be shorter." },
  },
});

/** Days and buckets of a workload. */
@ArgsType()
export class WorkloadArgs {
  @Field(() => String, { description: "First day (`YYYY-MM-DD`)." })
  from!: string;

  @Field(() => String, { description: "Last day (`YYYY-MM-DD`). At most 366 days or 106 weeks after the first." })
  until!: string;

  @Field(() => WorkloadPeriod, { defaultValue: WorkloadPeriod.WEEK, description: "Length of the buckets." })
  per!: WorkloadPeriod;
}

@ObjectType({ description: "Planned work in a number of days." })
@Allow(inherit)
export class WorkloadBucket {
  @Field(() => String, { description: "First day (`YYYY-MM-DD`)." })
  startsOn!: string;

  @Field(() => String, { description: "Last day (`YYYY-MM-DD`)." })
  endsOn!: string;

  @Field(() => Int, { description: "Planned work in minutes." })
  plannedMinutes!: number;

  @Field(() => Int, { description: "Working minutes of the calendar: what one person can do." })
  capacityMinutes!: number;

  @Field(() => Boolean, { description: "Whether there is more work than one person can do. False for work that nobody is assigned to." })
  isOverallocated!: boolean;
}

@ObjectType({
  description:
    "Planned work of a user, of a vendor, or that nobody is assigned to. Each task's estimate, or its duration if it has none, is spread evenly over its working time in the schedule.",
})
@Allow(inherit)
export class Workload {
  @Field(() => User, { nullable: true, description: "The user. Null if it is work of a vendor, or nobody is assigned." })
  user!: User | null;

  @Field(() => Int, { description: "Planned work in all buckets, in minutes." })
  plannedMinutes!: number;

  @Field(() => [WorkloadBucket], { description: "Buckets from the first day to the last, also those without work." })
  buckets!: WorkloadBucket[];

  /** UUID, for the resolver. */
  vendorId!: string | null;
}

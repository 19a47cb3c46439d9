import type { VendorOverbooking as Overbooking } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { Field, Int, ObjectType } from "type-graphql";
import { WorkloadPeriod } from "../workload/workload.type.js";

@ObjectType({
  description:
    "A day or week for which a vendor has more assignments than its limit `perDay` or `perWeek` allows. A project task counts on the days for which it is planned, a request when it is assigned.",
})
@Allow(inherit)
export class VendorOverbooking {
  @Field(() => WorkloadPeriod, { description: "Whether it is a day or a week." })
  per!: WorkloadPeriod;

  @Field(() => String, { description: "The day, or the Monday of the week (`YYYY-MM-DD`)." })
  startsOn!: string;

  @Field(() => Int, { description: "Assignments in all projects, with the requests." })
  assignments!: number;

  @Field(() => Int, { description: "The limit." })
  limit!: number;

  /** UUID, for the resolver. */
  vendorId!: string;
}

export const toOverbooking = (overbooking: Overbooking): VendorOverbooking => Object.assign(new VendorOverbooking(), overbooking);

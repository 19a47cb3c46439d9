import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { WorkRow } from "./performance.store.js";

export enum VendorWorkOutcome {
  OPEN = "OPEN",
  COMPLETED = "COMPLETED",
  ENDED = "ENDED",
  REASSIGNED = "REASSIGNED",
}
registerEnumType(VendorWorkOutcome, {
  name: "VendorWorkOutcome",
  description: "How a vendor's work on a request ended.",
  valuesConfig: {
    OPEN: { description: "The request is open and assigned to the vendor." },
    COMPLETED: { description: "The request was completed." },
    ENDED: { description: "The request was rejected or canceled." },
    REASSIGNED: { description: "The request was assigned to somebody else, or to nobody." },
  },
});

@ObjectType({ description: "An assignment of a request to a vendor, and what the vendor did." })
@Allow(inherit)
export class VendorWork {
  @Field(() => VendorWorkOutcome, { description: "How the work ended." })
  outcome!: VendorWorkOutcome;

  @Field(() => DateTimeScalar, { description: "Time of the assignment." })
  assignedAt!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time of the first transition or comment by a user of the vendor. Null before it.",
  })
  respondedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "End of the work. Null while it is open." })
  endedAt!: string | null;

  @Field(() => Int, { description: "How often the request was reopened." })
  reopenedCount!: number;

  @Field(() => Boolean, { nullable: true, description: "Whether all SLA clocks were met that ended during the work. Null if none ended." })
  isSlaMet!: boolean | null;

  @Field(() => Int, { nullable: true, description: "Stars of the rating, from 1 to 5. Null if the work is not rated." })
  stars!: number | null;

  requestId!: string;
}

export const { Connection: VendorWorkConnection } = connectionOf(VendorWork);

/** Converts a row to its API type. */
export function toWork({ outcome, reopened, ...row }: WorkRow): VendorWork {
  const { assignedAt, respondedAt, endedAt, isSlaMet, stars, requestId } = row;
  return Object.assign(new VendorWork(), {
    outcome: outcome as VendorWorkOutcome,
    assignedAt,
    respondedAt,
    endedAt,
    reopenedCount: reopened,
    isSlaMet,
    stars,
    requestId,
  });
}

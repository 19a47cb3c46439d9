import type { Period } from "@weft/api/periods";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { Vendor } from "../vendors/vendor.type.js";
import { VendorFigureName, VendorFigureUnit } from "./figures.js";

registerEnumType(VendorFigureName, {
  name: "VendorFigureName",
  description: "What a figure about a vendor says.",
  valuesConfig: {
    ASSIGNED: { description: "Assignments of requests to the vendor in the period." },
    RESPONSE_TIME: {
      description:
        "Average time from the assignment to the first transition or comment by a user of the vendor, for assignments in the period.",
    },
    COMPLETED: { description: "Requests that the vendor completed in the period." },
    COMPLETION_TIME: { description: "Average time from the assignment to the completion, for requests completed in the period." },
    FIRST_TIME_FIX: { description: "Share of the completed requests that were never reopened." },
    REOPENED: { description: "Share of the completed requests that were reopened." },
    SLA_COMPLIANCE: {
      description: "Share of the completed requests whose SLA clocks were all met. Only clocks that ended after the assignment count.",
    },
    RATING: { description: "Average of the ratings that were given in the period." },
  },
});
registerEnumType(VendorFigureUnit, {
  name: "VendorFigureUnit",
  description: "Unit of a figure.",
  valuesConfig: {
    COUNT: { description: "A number of requests." },
    SECONDS: { description: "A duration in seconds." },
    SHARE: { description: "A share from 0 to 1." },
    STARS: { description: "1 to 5 stars." },
  },
});

@ObjectType({ description: "A figure about a vendor." })
@Allow(inherit)
export class VendorFigureValue {
  @Field(() => VendorFigureName, { description: "What the figure says." })
  name!: VendorFigureName;

  @Field(() => VendorFigureUnit, { description: "Unit of the value." })
  unit!: VendorFigureUnit;

  @Field(() => Float, { nullable: true, description: "The value. Null if there is nothing to compute it from." })
  value!: number | null;

  @Field(() => Int, { description: "Number of assignments that the figure counts." })
  count!: number;

  @Field(() => Int, { description: "Number of assignments that `count` is a part of." })
  total!: number;
}

@ObjectType({ description: "A figure about a vendor, with the work that it counts." })
@Allow(inherit)
export class VendorFigure extends VendorFigureValue {
  vendorId!: string;
  period!: Period;
}

@ObjectType({ description: "Figures about a vendor in a month." })
@Allow(inherit)
export class VendorPerformanceMonth {
  @Field(() => String, {
    description: "The month's first day, as YYYY-MM-DD. The first and the last month contain only days of the period.",
  })
  month!: string;

  @Field(() => [VendorFigureValue], { description: "All figures." })
  figures!: VendorFigureValue[];
}

@ObjectType({ description: "What a vendor achieved in a period." })
@Allow(inherit)
export class VendorPerformance {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;

  @Field(() => DateTimeScalar, { description: "Start of the period." })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period, not included." })
  to!: string;

  @Field(() => [VendorFigure], { description: "All figures." })
  figures!: VendorFigure[];

  @Field(() => [VendorPerformanceMonth], { description: "The figures by month, oldest first." })
  months!: VendorPerformanceMonth[];
}

@ObjectType({ description: "A vendor's place among the vendors." })
@Allow(inherit)
export class VendorLeaguePlace {
  @Field(() => Int, { description: "1 for the highest score. Vendors with equal scores have the same rank." })
  rank!: number;

  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;

  @Field(() => Float, { nullable: true, description: "Score from 0 to 100. Null without completed or rated work in the period." })
  score!: number | null;

  @Field(() => [VendorFigureValue], { description: "All figures." })
  figures!: VendorFigureValue[];
}

@ObjectType({ description: "A figure of a scorecard." })
@Allow(inherit)
export class VendorScorecardEntry {
  @Field(() => VendorFigureValue, { description: "The vendor's figure." })
  figure!: VendorFigureValue;

  @Field(() => Float, { nullable: true, description: "Median of the figure over all vendors. Null if no vendor has a value." })
  median!: number | null;

  @Field(() => Float, { nullable: true, description: "Weight of the figure in the score. Null if the figure does not count." })
  weight!: number | null;

  @Field(() => Float, { nullable: true, description: "Points from 0 to 100. Null if the figure has no value, or does not count." })
  points!: number | null;
}

@ObjectType({ description: "The figures of a vendor next to those of the other vendors." })
@Allow(inherit)
export class VendorScorecard {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;

  @Field(() => Float, { nullable: true, description: "Weighted mean of the points, from 0 to 100. Null without points." })
  score!: number | null;

  @Field(() => [VendorScorecardEntry], { description: "All figures." })
  entries!: VendorScorecardEntry[];
}

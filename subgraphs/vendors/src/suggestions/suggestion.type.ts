import { Allow, inherit } from "@weft/api/rules";
import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { Vendor } from "../vendors/vendor.type.js";
import { VendorCriterion, VendorExclusion } from "./criteria.js";

registerEnumType(VendorCriterion, {
  name: "VendorCriterion",
  description: "What the rank of a suggested vendor depends on.",
  valuesConfig: {
    CATEGORY: { description: "Whether the vendor does this kind of work." },
    AREA: { description: "Whether the vendor works in the building, or in its region. It counts only if the building is known." },
    CAPACITY: { description: "How much of its limits the vendor has left." },
    PRICE: {
      description:
        "How the vendor's rates compare with the median of the candidates, in the same unit and currency. It counts only if a candidate has a rate.",
    },
    PERFORMANCE: { description: "The score of the vendor's work in the last 30 days, as in `vendorScorecard`." },
  },
});
registerEnumType(VendorExclusion, {
  name: "VendorExclusion",
  description: "Why a vendor cannot get the work.",
  valuesConfig: {
    STATUS: { description: "It is not active." },
    DOCUMENTS: { description: "It lacks a required document." },
    CATEGORY: { description: "It has none of the categories." },
    ABSENCE: { description: "It is absent today, or on the day of the work." },
    CLOSED: { description: "Its calendar has no working hours on the day of the work." },
    CAPACITY: { description: "Another assignment would exceed one of its limits." },
  },
});

@ObjectType({ description: "How a vendor meets a criterion." })
@Allow(inherit)
export class VendorCandidateReason {
  @Field(() => VendorCriterion, { description: "The criterion." })
  criterion!: VendorCriterion;

  @Field(() => Int, { description: "Weight of the criterion in the score." })
  weight!: number;

  @Field(() => Float, { description: "Points from 0 to 100." })
  points!: number;

  @Field(() => String, { description: "The reason, as a sentence." })
  message!: string;
}

@ObjectType({ description: "A vendor that can get the work." })
@Allow(inherit)
export class VendorCandidate {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;

  @Field(() => Float, { description: "Weighted mean of the points, from 0 to 100." })
  score!: number;

  @Field(() => [VendorCandidateReason], { description: "The criteria that count for the vendor." })
  reasons!: readonly VendorCandidateReason[];
}

@ObjectType({ description: "Why a vendor cannot get the work." })
@Allow(inherit)
export class VendorExclusionReason {
  @Field(() => VendorExclusion, { description: "The reason." })
  reason!: VendorExclusion;

  @Field(() => String, { description: "The reason, as a sentence." })
  message!: string;
}

@ObjectType({ description: "A vendor that cannot get the work." })
@Allow(inherit)
export class ExcludedVendor {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;

  @Field(() => [VendorExclusionReason], { description: "All reasons." })
  reasons!: readonly VendorExclusionReason[];
}

@ObjectType({ description: "Vendors for a piece of work." })
@Allow(inherit)
export class VendorSuggestions {
  @Field(() => [String], { description: "The categories, in lower case. For a request: its type, the type of its asset, and its tags." })
  categories!: readonly string[];

  @Field(() => String, { description: "Day of the work, as `YYYY-MM-DD`." })
  neededOn!: string;

  @Field(() => [VendorCandidate], { description: "Vendors that can get the work, highest score first." })
  candidates!: VendorCandidate[];

  @Field(() => [ExcludedVendor], { description: "Vendors that cannot get the work. Those with matching categories come first." })
  excluded!: ExcludedVendor[];
}

import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Vendor } from "./vendor.type.js";

@InputType({ description: "Input of `suspendVendor`, `blockVendor` and `reinstateVendor`." })
export class VendorStatusInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { description: "Reason, for users of the organization (1 to 1,000 characters)." })
  reason!: string;
}

@InputType({ description: "Input of `deactivateVendor`." })
export class DeactivateVendorInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `suspendVendor`." })
@Allow(inherit)
export class SuspendVendorPayload {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;
}

@ObjectType({ description: "Payload of `blockVendor`." })
@Allow(inherit)
export class BlockVendorPayload {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;
}

@ObjectType({ description: "Payload of `reinstateVendor`." })
@Allow(inherit)
export class ReinstateVendorPayload {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;
}

@ObjectType({ description: "Payload of `deactivateVendor`." })
@Allow(inherit)
export class DeactivateVendorPayload {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;
}

import { Allow, ConnectionArgs, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { VendorFilter, VendorOrder } from "./vendor.filter.js";
import { Vendor } from "./vendor.type.js";

@ArgsType()
export class VendorsArgs extends ConnectionArgs {
  @Field(() => VendorFilter.Input, { nullable: true, description: "Only vendors that meet this." })
  filter?: FilterValue | null;

  @Field(() => VendorOrder.Input, { nullable: true, description: "By name when nothing is said." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "What `createVendor` takes." })
export class CreateVendorInput {
  @Field(() => String, { description: "Short code, unique in the tenant; 1 to 40 characters." })
  code!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Where it is written to." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "Where it is called." })
  phone?: string | null;

  @Field(() => [String], { defaultValue: [], description: "What it does; 50 at most." })
  categories!: string[];

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createVendor` answers." })
@Allow(inherit)
export class CreateVendorPayload {
  @Field(() => Vendor, { description: "The new vendor." })
  vendor!: Vendor;
}

@InputType({ description: "What `updateVendor` takes: what is absent stays." })
export class UpdateVendorInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New code." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New email; null takes it away." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "New phone number; null takes it away." })
  phone?: string | null;

  @Field(() => [String], { nullable: true, description: "All categories from now on." })
  categories?: string[] | null;
}

@ObjectType({ description: "What `updateVendor` answers." })
@Allow(inherit)
export class UpdateVendorPayload {
  @Field(() => Vendor, { description: "The vendor as it is now." })
  vendor!: Vendor;
}

@InputType({ description: "What `deactivateVendor` takes." })
export class DeactivateVendorInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `deactivateVendor` answers." })
@Allow(inherit)
export class DeactivateVendorPayload {
  @Field(() => Vendor, { description: "The vendor as it is now." })
  vendor!: Vendor;
}

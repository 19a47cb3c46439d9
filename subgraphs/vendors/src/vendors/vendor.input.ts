import { ConnectionArgs, JsonScalar } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { VendorFilter, VendorOrder } from "./vendor.filter.js";

@ArgsType()
export class VendorsArgs extends ConnectionArgs {
  @Field(() => VendorFilter.Input, { nullable: true, description: "Filter for vendors." })
  filter?: FilterValue | null;

  @Field(() => VendorOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `createVendor`." })
export class CreateVendorInput {
  @Field(() => String, { description: "Short code, unique in the tenant (1 to 40 characters)." })
  code!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Email address." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "Phone number." })
  phone?: string | null;

  @Field(() => [String], { defaultValue: [], description: "Categories of work (at most 50)." })
  categories!: string[];

  @Field(() => JsonScalar, { nullable: true, description: "Values of custom fields, by name." })
  fields?: unknown;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether the vendor starts with an onboarding, and gets no work before its approval. Needs the published definition `vendor-onboarding`. Otherwise the vendor is active at once.",
  })
  onboard!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "ID in another system, unique among vendors (at most 200 characters). Only for users of the organization.",
  })
  externalId?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateVendor`. Omitted fields keep their values." })
export class UpdateVendorInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New code." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New email address. Null removes it." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "New phone number. Null removes it." })
  phone?: string | null;

  @Field(() => [String], { nullable: true, description: "All categories." })
  categories?: string[] | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "New values of custom fields, by name. Null removes a value. Omitted fields keep their values.",
  })
  fields?: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      "New ID in another system, unique among vendors (at most 200 characters). Null removes it. Only for users of the organization.",
  })
  externalId?: string | null;
}

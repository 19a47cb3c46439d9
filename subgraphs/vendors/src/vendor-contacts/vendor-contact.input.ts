import { Field, ID, InputType, Int } from "type-graphql";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `addVendorContact`." })
export class AddVendorContactInput {
  @Field(() => ID, { description: "The vendor." })
  vendorId!: string;

  @Field(() => String, { description: "Name of the person (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { nullable: true, description: "What the person does at the vendor (at most 100 characters)." })
  role?: string | null;

  @Field(() => String, { nullable: true, description: "Email address." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "Phone number (at most 50 characters)." })
  phone?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: "Whether this is the first person to talk to, instead of the current one." })
  isPrimary!: boolean;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateVendorContact`. Omitted fields keep their values." })
export class UpdateVendorContactInput {
  @Field(() => ID, { description: "The contact." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "What the person does at the vendor. Null removes it." })
  role?: string | null;

  @Field(() => String, { nullable: true, description: "New email address. Null removes it." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "New phone number. Null removes it." })
  phone?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether this is the first person to talk to, instead of the current one." })
  isPrimary?: boolean | null;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { VendorContact } from "./vendor-contact.type.js";

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

@ObjectType({ description: "Payload of `addVendorContact`." })
@Allow(inherit)
export class AddVendorContactPayload {
  @Field(() => VendorContact, { description: "The new contact." })
  contact!: VendorContact;
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

@ObjectType({ description: "Payload of `updateVendorContact`." })
@Allow(inherit)
export class UpdateVendorContactPayload {
  @Field(() => VendorContact, { description: "The contact." })
  contact!: VendorContact;
}

@InputType({ description: "Input of `removeVendorContact`." })
export class RemoveVendorContactInput {
  @Field(() => ID, { description: "The contact." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `removeVendorContact`." })
@Allow(inherit)
export class RemoveVendorContactPayload {
  @Field(() => ID, { description: "ID of the removed contact." })
  contactId!: string;
}

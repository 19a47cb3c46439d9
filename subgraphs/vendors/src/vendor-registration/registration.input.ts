import { Field, InputType } from "type-graphql";

@InputType({ description: "Input of `registerVendor`." })
export class RegisterVendorInput {
  @Field(() => String, { description: "Token of the link (`wvr_…`)." })
  token!: string;

  @Field(() => String, { description: "Name of the company (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { description: "Email address of the company." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Phone number of the company (at most 50 characters)." })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: "Name of the person to contact (at most 200 characters)." })
  contactName?: string | null;

  @Field(() => [String], { defaultValue: [], description: "Categories of work (at most 50)." })
  categories!: string[];

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key, for example random characters. Repeating the call with the same key registers no second vendor.",
  })
  idempotencyKey?: string | null;
}

import { ConnectionArgs, DateTimeScalar, type FilterValue, type OrderByValue } from "@weft/shared";
import { ArgsType, Field, InputType, Int } from "type-graphql";
import { VendorRegistrationLinkFilter, VendorRegistrationLinkOrder } from "./registration-link.filter.js";

const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@ArgsType()
export class VendorRegistrationLinksArgs extends ConnectionArgs {
  @Field(() => VendorRegistrationLinkFilter.Input, { nullable: true, description: "Filter." })
  filter?: FilterValue | null;

  @Field(() => VendorRegistrationLinkOrder.Input, { nullable: true, description: "Sort order." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `createVendorRegistrationLink`." })
export class CreateVendorRegistrationLinkInput {
  @Field(() => String, { nullable: true, description: "Note, for example where the link is published (at most 500 characters)." })
  note?: string | null;

  @Field(() => Int, {
    defaultValue: 30,
    description: "Number of registrations that the link accepts per hour, 1 to 1,000. More are refused with `RATE_LIMITED`.",
  })
  registrationsPerHour!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Number of registrations that the link accepts in total, 1 to 100,000. Default: no limit.",
  })
  maxRegistrations?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiration time, in the future. Default: the link does not expire." })
  expiresAt?: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `inviteVendor`." })
export class InviteVendorInput {
  @Field(() => String, { description: "Email address of the company." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Message to the recipient, quoted in the email (at most 1,000 characters)." })
  message?: string | null;

  @Field(() => Int, { defaultValue: 14, description: "Validity of the link in days, 1 to 90." })
  days!: number;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

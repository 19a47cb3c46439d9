import { Allow, ConnectionArgs, DateTimeScalar, type FilterValue, inherit, type OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { VendorRegistrationLinkFilter, VendorRegistrationLinkOrder } from "./registration-link.filter.js";
import { VendorRegistrationLink } from "./registration-link.type.js";

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

@ObjectType({ description: "Payload of `createVendorRegistrationLink`." })
@Allow(inherit)
export class CreateVendorRegistrationLinkPayload {
  @Field(() => VendorRegistrationLink, { description: "The link." })
  link!: VendorRegistrationLink;
}

@InputType({ description: "Input of `revokeVendorRegistrationLink`." })
export class RevokeVendorRegistrationLinkInput {
  @Field(() => ID, { description: "The link." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `revokeVendorRegistrationLink`." })
@Allow(inherit)
export class RevokeVendorRegistrationLinkPayload {
  @Field(() => VendorRegistrationLink, { description: "The link." })
  link!: VendorRegistrationLink;
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

@ObjectType({ description: "Payload of `inviteVendor`." })
@Allow(inherit)
export class InviteVendorPayload {
  @Field(() => VendorRegistrationLink, { description: "The link. Only the email contains its URL." })
  link!: VendorRegistrationLink;
}

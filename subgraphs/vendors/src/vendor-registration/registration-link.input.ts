import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field, InputType, Int } from "type-graphql";
import { VendorRegistrationLinkFilter, VendorRegistrationLinkOrder } from "./registration-link.filter.js";

@ArgsType()
export class VendorRegistrationLinksArgs extends ConnectionArgs {
  @Field(() => VendorRegistrationLinkFilter.Input, { nullable: true, description: "Filter." })
  filter?: FilterValue | null;

  @Field(() => VendorRegistrationLinkOrder.Input, { nullable: true, description: "Sort order." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `inviteVendor`." })
export class InviteVendorInput {
  @Field(() => String, { description: "Email address of the company." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Message to the recipient, quoted in the email (at most 1,000 characters)." })
  message?: string | null;

  @Field(() => Int, { defaultValue: 14, description: "Validity of the link in days, 1 to 90." })
  days!: number;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

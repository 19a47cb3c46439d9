import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { PrivacyRequestFilter, PrivacyRequestOrder } from "./privacy-request.list.js";

@ArgsType()
export class PrivacyRequestsArgs extends ConnectionArgs {
  @Field(() => PrivacyRequestFilter.Input, { nullable: true, description: "Filter for privacy requests." })
  filter?: FilterValue | null;

  @Field(() => PrivacyRequestOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "A person whose data is exported, anonymized or erased." })
export class PersonInput {
  @Field(() => ID, { description: "ID of a user (`usr_…`) or of a contact of a vendor (`vct_…`)." })
  personId!: string;

  @Field(() => String, { description: "Why, for example the date of the person's letter (1 to 1000 characters)." })
  reason!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `declinePrivacyRequest`." })
export class DeclinePrivacyRequestInput {
  @Field(() => ID, { description: "The request (`pvr_…`)." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { description: "Why (1 to 1000 characters)." })
  reason!: string;
}

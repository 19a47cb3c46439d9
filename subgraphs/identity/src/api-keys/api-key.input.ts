import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { ApiKeyFilter, ApiKeyOrder } from "./api-key.filter.js";

@ArgsType()
export class ApiKeysArgs extends ConnectionArgs {
  @Field(() => ApiKeyFilter.Input, { nullable: true, description: "Filter for API keys." })
  filter?: FilterValue | null;

  @Field(() => ApiKeyOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `rotateApiKey`." })
export class RotateApiKeyInput {
  @Field(() => ID, { description: "The API key." })
  id!: string;

  @Field(() => Int, {
    defaultValue: 0,
    description: "Seconds for which the replaced key also works: 0 to 604800 (7 days). With 0, it stops working at once.",
  })
  overlapSeconds!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input changes nothing, and returns no secret.",
  })
  idempotencyKey?: string | null;
}

import { ConnectionArgs, DateTimeScalar } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { PermissionGrantInput } from "../roles/role.input.js";
import { ApiKeyFilter, ApiKeyOrder } from "./api-key.filter.js";

const networks =
  "Networks (CIDR, for example `192.0.2.0/24`) or addresses from which the key can be used. Empty: from everywhere. `::/0` has no IPv4 addresses.";
const readVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@ArgsType()
export class ApiKeysArgs extends ConnectionArgs {
  @Field(() => ApiKeyFilter.Input, { nullable: true, description: "Filter for API keys." })
  filter?: FilterValue | null;

  @Field(() => ApiKeyOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "A new API key." })
export class CreateApiKeyInput {
  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => ID, { nullable: true, description: "Service account that the key is for. Omit it for a key of your own." })
  userId?: string | null;

  @Field(() => [PermissionGrantInput], {
    description:
      "Permissions of the key, at least one. You must have them yourself; for a service account, in the whole tenant. With permissions for tasks and workflows, the key decides in all roles and teams of its user.",
  })
  permissions!: PermissionGrantInput[];

  @Field(() => [String], { nullable: true, description: networks })
  allowedAddresses?: string[] | null;

  @Field(() => Int, { nullable: true, description: "Maximum number of operations per minute." })
  operationsPerMinute?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiry. Omit it for a key that does not expire." })
  expiresAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same API key, without its secret.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Omitted fields keep their values." })
export class UpdateApiKeyInput {
  @Field(() => ID, { description: "The API key." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => [PermissionGrantInput], {
    nullable: true,
    description: "All permissions of the key, at least one. You must have those that you add, as with `createApiKey`.",
  })
  permissions?: PermissionGrantInput[] | null;

  @Field(() => [String], { nullable: true, description: networks })
  allowedAddresses?: string[] | null;

  @Field(() => Int, { nullable: true, description: "Maximum number of operations per minute. Null removes the limit." })
  operationsPerMinute?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Expiry. Null: the key does not expire." })
  expiresAt?: string | null;

  @Field(() => Int, { nullable: true, description: readVersion })
  expectedVersion?: number | null;
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

  @Field(() => Int, { nullable: true, description: readVersion })
  expectedVersion?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input changes nothing, and returns no secret.",
  })
  idempotencyKey?: string | null;
}

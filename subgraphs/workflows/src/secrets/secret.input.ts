import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `createSecret`." })
export class CreateSecretInput {
  @Field(() => String, {
    description: "Name, unique in the tenant: letters, digits, hyphens and underscores, such as `deploy-token`. Cannot be changed.",
  })
  name!: string;

  @Field(() => String, { nullable: true, description: "What it is for (up to 1,000 characters)." })
  description?: string | null;

  @Field(() => String, {
    description:
      "Value (8 to 32,768 characters). It is encrypted, and never returned. Shorter values could not be removed from outputs without damaging them.",
  })
  value!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "Hosts that steps can send it to, such as `api.example.com` or `*.example.com`, at most 50. Null or omitted: all that the security profile of the run allows.",
  })
  domains?: string[] | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateSecret`. Omitted fields keep their values." })
export class UpdateSecretInput {
  @Field(() => ID, { description: "The secret." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Version that you read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New description (up to 1,000 characters)." })
  description?: string | null;

  @Field(() => String, { nullable: true, description: "New value (8 to 32,768 characters). Steps that begin from then on read it." })
  value?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "New hosts that steps can send it to. Null: all that the security profile of the run allows. Wider hosts require the value.",
  })
  domains?: string[] | null;
}

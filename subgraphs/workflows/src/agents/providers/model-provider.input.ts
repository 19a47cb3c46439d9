import { Field, Float, ID, InputType, Int } from "type-graphql";
import { ModelProviderKind } from "./model-provider.type.js";

@InputType({ description: "Price of a model." })
export class ModelPriceInput {
  @Field(() => String, { description: "Name of the model (1 to 200 characters)." })
  model!: string;

  @Field(() => Float, { description: "Price of a million input tokens, in millionths of a US dollar." })
  inputMicros!: number;

  @Field(() => Float, { description: "Price of a million output tokens, in millionths of a US dollar." })
  outputMicros!: number;
}

@InputType({ description: "Input of `createModelProvider`." })
export class CreateModelProviderInput {
  @Field(() => String, {
    description: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens. Cannot be changed.",
  })
  key!: string;

  @Field(() => String, { description: "Name (1 to 200 characters)." })
  name!: string;

  @Field(() => ModelProviderKind, { description: "Protocol. Cannot be changed." })
  kind!: ModelProviderKind;

  @Field(() => String, { description: "URL below which its operations are, such as `https://api.openai.com/v1`." })
  baseUrl!: string;

  @Field(() => String, { nullable: true, description: "Name of the secret that contains its API key. See `createSecret`." })
  secret?: string | null;

  @Field(() => [ModelPriceInput], { nullable: true, description: "Its own prices, at most 100." })
  prices?: ModelPriceInput[] | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateModelProvider`. Omitted fields keep their values." })
export class UpdateModelProviderInput {
  @Field(() => ID, { description: "The provider." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Version that you read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New URL." })
  baseUrl?: string | null;

  @Field(() => String, { nullable: true, description: "Name of another secret. Null: no API key is sent." })
  secret?: string | null;

  @Field(() => [ModelPriceInput], { nullable: true, description: "New prices, which replace all of the previous ones." })
  prices?: ModelPriceInput[] | null;
}

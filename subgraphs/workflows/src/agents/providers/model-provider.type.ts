import type { agents as tables } from "@weft/drizzle";
import { Allow, canInTenant, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { Price } from "../agent-definition.js";

export type ModelProviderRow = typeof tables.modelProviders.$inferSelect;

export const ModelProviderKind = { OPENAI_COMPATIBLE: "OPENAI_COMPATIBLE", ANTHROPIC: "ANTHROPIC" } as const;
export type ModelProviderKind = keyof typeof ModelProviderKind;
registerEnumType(ModelProviderKind, {
  name: "ModelProviderKind",
  description: "Protocols of model providers.",
  valuesConfig: {
    OPENAI_COMPATIBLE: { description: "Chat completions as OpenAI defined them, which most providers and local servers offer." },
    ANTHROPIC: { description: "The Messages API of Anthropic." },
  },
});

@ObjectType({ description: "Price of a model." })
@Allow(inherit)
export class ModelPrice {
  @Field(() => String, { description: "Name of the model, as agents reference it." })
  model!: string;

  @Field(() => Float, { description: "Price of a million input tokens, in millionths of a US dollar." })
  inputMicros!: number;

  @Field(() => Float, { description: "Price of a million output tokens, in millionths of a US dollar." })
  outputMicros!: number;
}

@ObjectType({ description: "A service that runs language models for agents." })
@Allow(canInTenant("agent.read"))
export class ModelProvider {
  @Field(() => ID, { description: "ID (`mdp_…`)." })
  id!: string;

  @Field(() => String, { description: "Key, unique in the tenant." })
  key!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => ModelProviderKind, { description: "Protocol." })
  kind!: ModelProviderKind;

  @Field(() => String, { description: "URL below which its operations are, such as `https://api.openai.com/v1`." })
  baseUrl!: string;

  @Field(() => String, { nullable: true, description: "Name of the secret that contains its API key. Null if none is sent." })
  secret!: string | null;

  @Field(() => [ModelPrice], {
    description: "Its own prices, which come first. Some other models have a list price as a default. Check it: prices change.",
  })
  prices!: readonly ModelPrice[];

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export function toModelProvider({
  id,
  key,
  name,
  kind,
  baseUrl,
  secret,
  prices,
  version,
  createdAt,
  updatedAt,
}: ModelProviderRow): ModelProvider {
  return Object.assign(new ModelProvider(), {
    id: encodeId("modelProvider", id),
    key,
    name,
    kind: kind as ModelProviderKind,
    baseUrl,
    secret,
    prices: Object.entries(prices as Record<string, Price>).map(([model, price]) => Object.assign(new ModelPrice(), { model, ...price })),
    version,
    createdAt,
    updatedAt,
  });
}

export const ModelProviderPayload = payloadOf(ModelProvider, "modelProvider");
export type ModelProviderPayload = InstanceType<typeof ModelProviderPayload>;

import type { agents as tables } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import type { Price } from "../agent-definition.js";
import * as commonColumns from "../../common-columns.js";

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

const priceColumns = columns({
  model: column.text("Name of the model (1 to 200 characters).", { shown: "Name of the model, as agents reference it." }),
  inputMicros: column.float("Price of a million input tokens, in millionths of a US dollar."),
  outputMicros: column.float("Price of a million output tokens, in millionths of a US dollar."),
});

@ShowColumns(priceColumns)
@ObjectType({ description: "Price of a model." })
@Allow(inherit)
export class ModelPrice extends shapeOf(priceColumns) {}

export const ModelPriceInput = createInputOf("ModelPriceInput", priceColumns, "Price of a model.");
export type ModelPriceInput = InstanceType<typeof ModelPriceInput>;

export const modelProviderColumns = columns({
  ...commonColumns.id("ID (`mdp_…`).", "The provider."),
  ...commonColumns.readVersion,
  key: column.text("Key, unique in the tenant.", {
    created: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens. Cannot be changed.",
    updated: false,
  }),
  name: column.text("Name.", { max: 200, updated: "New name (1 to 200 characters)." }),
  kind: column.of(() => ModelProviderKind, "Protocol.", { created: "Protocol. Cannot be changed.", updated: false }),
  baseUrl: column.text("URL below which its operations are, such as `https://api.openai.com/v1`.", { updated: "New URL." }),
  secret: column.text("Name of the secret that contains its API key.", {
    shown: "Name of the secret that contains its API key. Null if none is sent.",
    created: "Name of the secret that contains its API key. See `createSecret`.",
    updated: "Name of another secret. Null: no API key is sent.",
    nullable: true,
  }),
  prices: column.pair(
    () => [ModelPrice],
    () => [ModelPriceInput],
    "Its own prices, at most 100.",
    {
      shown: "Its own prices, which come first. Some other models have a list price as a default. Check it: prices change.",
      updated: "New prices, which replace all of the previous ones.",
      optional: true,
      converted: true,
    },
  ),
  ...standardColumns.idempotencyKey,
  ...commonColumns.version,
  ...standardColumns.times,
});

@ShowColumns(modelProviderColumns)
@ObjectType({ description: "A service that runs language models for agents." })
@Allow(canInTenant("agent.read"))
export class ModelProvider extends shapeOf(modelProviderColumns) {}

export const CreateModelProviderInput = createInputOf("CreateModelProviderInput", modelProviderColumns);
export type CreateModelProviderInput = InstanceType<typeof CreateModelProviderInput>;

export const UpdateModelProviderInput = updateInputOf("UpdateModelProviderInput", modelProviderColumns);
export type UpdateModelProviderInput = InstanceType<typeof UpdateModelProviderInput>;

export const toModelProvider = (row: ModelProviderRow): ModelProvider =>
  Object.assign(new ModelProvider(), modelProviderColumns.shown(row), {
    id: encodeId("modelProvider", row.id),
    kind: row.kind as ModelProviderKind,
    prices: Object.entries(row.prices as Record<string, Price>).map(([model, price]) =>
      Object.assign(new ModelPrice(), { model, ...price }),
    ),
  });

export const ModelProviderPayload = payloadOf(ModelProvider, "modelProvider");
export type ModelProviderPayload = InstanceType<typeof ModelProviderPayload>;

import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { ModelProvider } from "./model-provider.type.js";

@ObjectType({ description: "Payload of a mutation that returns a model provider." })
@Allow(inherit)
export class ModelProviderPayload {
  @Field(() => ModelProvider, { description: "The model provider as it is after the call." })
  modelProvider!: ModelProvider;
}

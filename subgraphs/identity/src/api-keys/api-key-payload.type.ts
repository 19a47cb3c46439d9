import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { ApiKey } from "./api-key.type.js";

@ObjectType({ description: "Payload of a mutation that issues an API key." })
@Allow(inherit)
export class ApiKeySecretPayload {
  @Field(() => ApiKey, { description: "The API key." })
  apiKey!: ApiKey;

  @Field(() => String, {
    nullable: true,
    description: "The key itself (`weft_…`). Store it now: it is not shown again. Null if the call is repeated.",
  })
  key!: string | null;
}

@ObjectType({ description: "Payload of a mutation that returns a API key." })
@Allow(inherit)
export class ApiKeyPayload {
  @Field(() => ApiKey, { description: "The API key as it is after the call." })
  apiKey!: ApiKey;
}

import { Allow, inherit, JsonScalar } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { IntegrationCall } from "./call.type.js";

@InputType({ description: "Input of `callIntegration`." })
export class CallIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  integrationId!: string;

  @Field(() => String, { description: "Key of the action. See `Integration.actions`." })
  action!: string;

  @Field(() => JsonScalar, { description: "Input of the action. It must match `ConnectorAction.inputSchema`." })
  input!: unknown;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `retryIntegrationCall`." })
export class RetryIntegrationCallInput {
  @Field(() => ID, { description: "The call." })
  id!: string;
}

@ObjectType({ description: "Payload of `callIntegration`." })
@Allow(inherit)
export class CallIntegrationPayload {
  @Field(() => IntegrationCall, { description: "The call, which is sent next. Read it again for its result." })
  call!: IntegrationCall;
}

@ObjectType({ description: "Payload of `retryIntegrationCall`." })
@Allow(inherit)
export class RetryIntegrationCallPayload {
  @Field(() => IntegrationCall, { description: "The call, pending again." })
  call!: IntegrationCall;
}

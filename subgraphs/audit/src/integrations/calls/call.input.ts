import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType } from "type-graphql";

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

import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { IntegrationStatus } from "./integration.type.js";

@InputType({ description: "Input of `createIntegration`." })
export class CreateIntegrationInput {
  @Field(() => String, {
    description: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens. Cannot be changed.",
  })
  key!: string;

  @Field(() => String, { description: "Name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { description: "Key of the connector. See `connectors`. Cannot be changed." })
  connector!: string;

  @Field(() => JsonScalar, { description: "Configuration. It must match `Connector.configurationSchema`." })
  configuration!: unknown;

  @Field(() => JsonScalar, {
    description: "Credentials. They must match `Connector.credentialsSchema`. They are encrypted, and never returned.",
  })
  credentials!: unknown;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateIntegration`. Omitted fields keep their values." })
export class UpdateIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Version that you read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "New configuration. If it has another destination, pass the credentials again.",
  })
  configuration?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "New credentials, which replace all of the previous ones." })
  credentials?: unknown;

  @Field(() => IntegrationStatus, { nullable: true, description: "New status." })
  status?: IntegrationStatus | null;
}

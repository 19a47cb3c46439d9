import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, InputType } from "type-graphql";

@InputType({ description: "A custom header of the requests to an endpoint." })
export class WebhookHeaderInput {
  @Field(() => String, { description: "Name. Names that HTTP or the signature uses are refused, such as `Host` or `webhook-id`." })
  name!: string;

  @Field(() => String, { description: "Value, in printable ASCII characters. It is stored encrypted and never shown." })
  value!: string;
}

@InputType({ description: "A GraphQL query that selects the payload of a webhook." })
export class WebhookPayloadInput {
  @Field(() => String, {
    description:
      "The query, at most 10,000 characters. It runs for each event, with your rights, and its result replaces the payload. It can use the variables `$eventId: ID`, `$eventType: String` and `$subjectId: ID`.",
  })
  query!: string;
}

@InputType({ description: "The webhook whose secret is replaced." })
export class RotateWebhookSecretInput extends KeyedVersionedIdInput {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which the old secret signs too, at most 30 days from now (default 24 hours from now).",
  })
  previousSecretExpiresAt?: string | null;
}

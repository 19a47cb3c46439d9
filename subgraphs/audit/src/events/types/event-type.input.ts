import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input for declaring a type of custom events." })
export class DeclareEventTypeInput {
  @Field(() => String, {
    description: "Name: `custom.` and words of small letters, digits and `_`, separated by dots. For example `custom.order.paid`.",
  })
  name!: string;

  @Field(() => String, { description: "What the events say, up to 1,000 characters." })
  description!: string;

  @Field(() => JsonScalar, { description: "JSON Schema of the payload, with the keywords that definitions support." })
  payloadSchema!: unknown;

  @Field(() => String, { nullable: true, description: "Repeating the call with the same key declares nothing further." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input for changing a type of custom events. Absent fields stay as they are." })
export class UpdateEventTypeInput {
  @Field(() => ID, { description: "ID of the type (`ety_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "What the events say, up to 1,000 characters." })
  description?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "JSON Schema of the payload. Optional properties and descriptions can change at any time; other changes need a new version.",
  })
  payloadSchema?: unknown;

  @Field(() => Boolean, { nullable: true, description: "Whether the schema can be incompatible. Then `typeVersion` is incremented." })
  isNewVersion?: boolean | null;

  @Field(() => Int, { nullable: true, description: "Version that you have read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;
}

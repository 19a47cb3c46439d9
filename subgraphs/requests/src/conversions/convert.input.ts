import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `convertRequest`." })
export class ConvertRequestInput {
  @Field(() => ID, { description: "The request. It must not have ended." })
  id!: string;

  @Field(() => String, { description: "Key of the new request type." })
  typeKey!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Fields of the form of the new type. Those that the form of the former type had, too, keep their values unless they are given.",
  })
  data?: Record<string, unknown> | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `createInboundMailAddress`." })
export class CreateInboundMailAddressInput {
  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => String, { description: "Key of the type of the requests. You must be able to create such requests yourself." })
  typeKey!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Field of the type's `form` that gets the subject. It must contain free text. If null, the subject is the first line of the text.",
  })
  subjectField?: string | null;

  @Field(() => String, { description: "Field of the type's `form` that gets the text. It must contain free text." })
  textField!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "Values of other fields of the type's `form`: of all that are required and have no default.",
  })
  data?: Record<string, unknown> | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateInboundMailAddress`. Omitted fields stay unchanged." })
export class UpdateInboundMailAddressInput {
  @Field(() => ID, { description: "The address." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Key of the type of the requests. You must be able to create such requests yourself.",
  })
  typeKey?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Field of the type's `form` that gets the subject. If null, the subject becomes the first line of the text.",
  })
  subjectField?: string | null;

  @Field(() => String, { nullable: true, description: "Field of the type's `form` that gets the text." })
  textField?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of other fields of the type's `form`. They replace the present ones." })
  data?: Record<string, unknown> | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the address receives email." })
  isActive?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

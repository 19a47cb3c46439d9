import { CustomFieldKind } from "@weft/platform/custom-field-kinds";
import { JsonScalar } from "@weft/api/scalars";
import { Field, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `updateCustomFields`." })
export class UpdateCustomFieldsInput {
  @Field(() => CustomFieldKind, { description: "Kind of object." })
  kind!: CustomFieldKind;

  @Field(() => String, {
    nullable: true,
    description: "Type of the assets, for example `elevator`. Required for the kind `ASSET`, and absent for other kinds.",
  })
  typeKey?: string | null;

  @Field(() => JsonScalar, {
    description:
      "JSON Schema of the values, as for the data of definitions: at most 100 properties, at most 10 of them with `index: true`. Properties with `visibleToVendors: true` are shown to users of a vendor that sees the object. Values of properties with `encrypted: true` are stored encrypted.",
  })
  schema!: unknown;

  @Field(() => Int, {
    nullable: true,
    description:
      "Version that you last read, 0 if there were no custom fields. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Why the fields are changed, at most 2,000 characters. Kept with the version." })
  message?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether values that objects already have are encrypted in the background when their field becomes encrypted. Default: false, and the call fails with `BAD_USER_INPUT` if there are any. The audit trail keeps the values that it contains.",
  })
  encryptsValues?: boolean | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "A change of custom fields to examine." })
export class PreviewCustomFieldsInput {
  @Field(() => CustomFieldKind, { description: "Kind of object." })
  kind!: CustomFieldKind;

  @Field(() => String, {
    nullable: true,
    description: "Type of the assets, for example `elevator`. Required for the kind `ASSET`, and absent for other kinds.",
  })
  typeKey?: string | null;

  @Field(() => JsonScalar, { description: "JSON Schema of the values." })
  schema!: unknown;
}

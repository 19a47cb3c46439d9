import type { FieldSchemaRow } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { CustomFieldKind } from "@weft/platform/custom-field-kinds";
import { Form } from "@weft/api/forms";
import { Allow, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { FieldSchemaVersionRow } from "./custom-field-schema.store.js";

registerEnumType(CustomFieldKind, {
  name: "CustomFieldKind",
  description: "Kind of object to which a tenant can add fields.",
  valuesConfig: {
    BUILDING: { description: "Buildings." },
    VENDOR: { description: "Vendors." },
    PROJECT: { description: "Projects." },
    ASSET: { description: "Assets. Each type of asset has its own fields." },
  },
});

@ObjectType({ description: "A version of a schema of custom fields." })
@Allow(inherit)
export class CustomFieldSchemaVersion {
  @Field(() => Int, { description: "Version number." })
  version!: number;

  @Field(() => JsonScalar, { description: "JSON Schema of the version." })
  schema!: unknown;

  @Field(() => String, { nullable: true, description: "Why the schema was changed. Null if the author gave no message." })
  message!: string | null;

  @Field(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  author!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the change." })
  createdAt!: string;
}

@ObjectType({ description: "The fields that the tenant adds to a kind of object, or to a type of asset." })
@Allow(staff)
export class CustomFieldSchema {
  @Field(() => ID, { description: "ID (`cfs_…`)." })
  id!: string;

  @Field(() => CustomFieldKind, { description: "Kind of object." })
  kind!: CustomFieldKind;

  @Field(() => String, { nullable: true, description: "Type of the assets. Null for other kinds of objects." })
  typeKey!: string | null;

  @Field(() => JsonScalar, {
    description:
      "JSON Schema of the values. Lists filter and order by properties with `index: true`. Users of a vendor see only properties with `visibleToVendors: true`. Values of properties with `encrypted: true` are stored encrypted.",
  })
  schema!: unknown;

  @Field(() => [String], {
    description: "Names of the encrypted fields that can still have earlier values in plain text. They are encrypted in the background.",
  })
  encrypting!: readonly string[];

  @Field(() => Form, { description: "Form of the input `fields` of a new object." })
  form?: Form;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateCustomFields` as `expectedVersion`." })
  version!: number;

  @Field(() => [CustomFieldSchemaVersion], { description: "The 100 newest versions, newest first." })
  versions?: CustomFieldSchemaVersion[];

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for loaders. */
  uuid!: string;
}

@ObjectType({ description: "A value that does not fit a schema." })
@Allow(inherit)
export class CustomFieldProblem {
  @Field(() => String, { description: "Path of the value, for example `fields.floorArea`." })
  path!: string;

  @Field(() => String, { description: "What is wrong, and what to do." })
  message!: string;
}

@ObjectType({ description: "An object whose values do not fit a schema." })
@Allow(inherit)
export class CustomFieldMisfit {
  @Field(() => ID, { description: "ID of the object." })
  id!: string;

  @Field(() => [CustomFieldProblem], { description: "Its values that do not fit." })
  problems!: CustomFieldProblem[];
}

@ObjectType({ description: "What a change of custom fields would mean for the objects that exist." })
@Allow(inherit)
export class CustomFieldPreview {
  @Field(() => Int, { description: "Number of objects of the kind or type." })
  objects!: number;

  @Field(() => Int, { description: "Number of objects that this page examined." })
  examined!: number;

  @Field(() => [CustomFieldMisfit], {
    description: "Examined objects whose values would not fit. They keep their values until their fields are changed.",
  })
  misfits!: CustomFieldMisfit[];

  @Field(() => String, { nullable: true, description: "Cursor of the next page. Null if all objects have been examined." })
  nextCursor!: string | null;
}

export function toCustomFieldSchema(row: FieldSchemaRow): CustomFieldSchema {
  const { kind, typeKey, schema, encrypting, version, createdAt, updatedAt } = row;
  return Object.assign(new CustomFieldSchema(), {
    id: encodeId("customFieldSchema", row.id),
    kind: kind as CustomFieldKind,
    typeKey: typeKey || null,
    schema,
    encrypting,
    version,
    createdAt,
    updatedAt,
    uuid: row.id,
  });
}

export const toFieldSchemaVersion = ({
  version,
  schema,
  message,
  authorId,
  createdAt,
}: FieldSchemaVersionRow): CustomFieldSchemaVersion => ({
  version,
  schema,
  message,
  author: User.of(authorId),
  createdAt,
});

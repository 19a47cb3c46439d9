import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import { Form } from "@weft/api/forms";
import { Allow, canInTenant, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { PreviewCustomFieldsInput, UpdateCustomFieldsInput } from "./custom-field-schema.input.js";
import * as service from "./custom-field-schema.service.js";
import { CustomFieldPreview, CustomFieldSchema, CustomFieldSchemaVersion } from "./custom-field-schema.type.js";
import { CustomFieldSchemaPayload } from "./custom-field-schema-payload.type.js";

const EXAMINED = 100;

@Resolver(() => CustomFieldSchema)
export class CustomFieldSchemaResolver {
  @Query(() => [CustomFieldSchema], {
    nullable: true,
    description:
      "Custom fields of the kinds of objects that you can read, by kind and type. Kinds and types without custom fields are absent.",
  })
  @Allow(staff)
  customFieldSchemas(@Ctx() ctx: Context): Promise<CustomFieldSchema[]> {
    return service.listCustomFieldSchemas(ctx);
  }

  @Query(() => CustomFieldPreview, {
    nullable: true,
    description: "Examines which objects would not fit a changed schema of custom fields. Nothing is written. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("configuration.update"))
  @SizedBy({ by: ["first"], initial: EXAMINED, maximum: service.MAX_EXAMINED, fields: ["misfits"] })
  previewCustomFields(
    @Arg("input", () => PreviewCustomFieldsInput) input: PreviewCustomFieldsInput,
    @Arg("first", () => Int, { nullable: true, description: "Number of objects that are examined, 1 to 500 (default 100)." })
    first: number | null | undefined,
    @Arg("cursor", () => String, { nullable: true, description: "`nextCursor` of the previous page." }) cursor: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<CustomFieldPreview> {
    return service.previewCustomFields(ctx, input, { first: first ?? EXAMINED, cursor });
  }

  @Mutation(() => CustomFieldSchemaPayload, {
    description:
      "Declares or changes the custom fields of a kind of object, or of a type of asset. Objects keep the values that they have. Errors: CONFLICT, BAD_USER_INPUT (the schema).",
  })
  @Allow(canInTenant("configuration.update"))
  async updateCustomFields(
    @Arg("input", () => UpdateCustomFieldsInput) input: UpdateCustomFieldsInput,
    @Ctx() ctx: Context,
  ): Promise<CustomFieldSchemaPayload> {
    return { customFieldSchema: await service.updateCustomFields(ctx, input) };
  }

  @FieldResolver(() => Form)
  form(@Root() schema: CustomFieldSchema, @Ctx() ctx: Context): Promise<Form> {
    return service.formOfSchema(ctx, schema);
  }

  @FieldResolver(() => [CustomFieldSchemaVersion])
  versions(@Root() { uuid }: CustomFieldSchema, @Ctx() ctx: Context): Promise<CustomFieldSchemaVersion[]> {
    return service.versionsOf(ctx, uuid);
  }
}

export const customFieldSchemaModule: SubgraphModule = { resolvers: { requests: [CustomFieldSchemaResolver] } };

import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { CustomFieldSchema } from "./custom-field-schema.type.js";

@ObjectType({ description: "Payload of a mutation that returns the custom fields of a type of objects." })
@Allow(inherit)
export class CustomFieldSchemaPayload {
  @Field(() => CustomFieldSchema, { description: "The custom fields as they are after the call." })
  customFieldSchema!: CustomFieldSchema;
}

import "reflect-metadata";
import { Directive, Field, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";
import { JsonScalar } from "../scalars/json.js";

@Directive("@shareable")
@Allow(inherit)
@ObjectType({ description: "A form, ready to render with JSON Forms or any other JSON Schema tool." })
export class Form {
  @Field(() => String, {
    description:
      "Key of the form under `forms`, or its location: `review.approve`, or a task's name. For the form of a request type, the type's key.",
  })
  name!: string;

  @Field(() => String, { nullable: true, description: "Text shown to users." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "Text shown to users." })
  description!: string | null;

  @Field(() => JsonScalar, {
    description:
      "JSON Schema (draft 7) of the input. Fields that depend on other answers use `if` and `then`; fields that you cannot fill in are omitted. The server validates with the same schema and with rules that JSON Schema cannot express.",
  })
  schema!: unknown;

  @Field(() => JsonScalar, {
    description:
      "UI schema for JSON Forms: a control for each field, in order, with its type in `options.fieldType`, and a rule if other answers determine whether it is shown.",
  })
  uiSchema!: unknown;

  @Field(() => JsonScalar, {
    description: "Initial values by field. They are suggestions: omitted fields are not filled in.",
  })
  data!: unknown;
}

import { Directive, Field, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";
import { JsonScalar } from "../scalars/json.js";

@Directive("@shareable")
@Allow(inherit)
@ObjectType({ description: "What people fill in, ready to be drawn by JSON Forms or by anything that knows JSON Schema." })
export class Form {
  @Field(() => String, {
    description:
      "Its key under `forms`, or the place where it stands: `review.approve`, or a task's name. Of a request type's form: the type's key.",
  })
  name!: string;

  @Field(() => String, { nullable: true, description: "For people." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "For people." })
  description!: string | null;

  @Field(() => JsonScalar, {
    description:
      "JSON Schema (draft 7) of the input. What depends on other answers is in it as `if` and `then`; what nobody is asked for here is not in it. The server validates with the same, and with what JSON Schema cannot say.",
  })
  schema!: unknown;

  @Field(() => JsonScalar, {
    description:
      "UI schema of JSON Forms: a control for each field, in order, with its type under `options.fieldType`, and a rule where other answers decide whether it is shown.",
  })
  uiSchema!: unknown;

  @Field(() => JsonScalar, {
    description: "The values to begin with, by field. They are a proposal: nothing is filled in for who leaves them out.",
  })
  data!: unknown;
}

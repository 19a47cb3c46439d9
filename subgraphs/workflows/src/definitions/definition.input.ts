import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Definition, DefinitionFormat } from "./definition.type.js";

@InputType({ description: "A definition to save." })
export class CreateDefinitionInput {
  @Field(() => String, { description: "The definition as YAML or JSON text, at most 1 MB." })
  source!: string;

  @Field(() => DefinitionFormat, { nullable: true, description: "Guessed when absent: a text that begins with `{` is JSON." })
  format?: DefinitionFormat | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which draft to freeze." })
export class PublishDefinitionInput {
  @Field(() => ID, { description: "The draft's id, `wfd_…`." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "The new draft." })
@Allow(inherit)
export class CreateDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}

@ObjectType({ description: "The frozen definition." })
@Allow(inherit)
export class PublishDefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is now." })
  definition!: Definition;
}

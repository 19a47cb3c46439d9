import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { DefinitionFormat } from "./definition.type.js";

@ObjectType({ description: "A definition as a text to keep, or to give to `createDefinition`, also of another tenant." })
@Allow(inherit)
export class DefinitionExport {
  @Field(() => String, {
    description: "The text. In the format in which it was written it is the author's, comments and all; another format has no comments.",
  })
  source!: string;

  @Field(() => DefinitionFormat, { description: "How `source` is written." })
  format!: DefinitionFormat;

  @Field(() => String, { description: "A name for the file: key, number and ending." })
  fileName!: string;
}

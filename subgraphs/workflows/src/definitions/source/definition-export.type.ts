import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { DefinitionFormat } from "../definition.type.js";

@ObjectType({ description: "A definition as text, to keep or to pass to `createDefinition`, in this or another tenant." })
@Allow(inherit)
export class DefinitionExport {
  @Field(() => String, {
    description:
      "The text. In the format in which it was written, it is the author's text including comments. The other format has no comments.",
  })
  source!: string;

  @Field(() => DefinitionFormat, { description: "Format of `source`." })
  format!: DefinitionFormat;

  @Field(() => String, { description: "Suggested file name: key, number and extension." })
  fileName!: string;
}

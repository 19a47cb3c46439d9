import { enumFilterClass, SearchFilter } from "@weft/api/filters";
import { Field, InputType } from "type-graphql";

import { DefinitionTemplateCategory } from "./template-category.js";

const CategoryFilter = enumFilterClass("DefinitionTemplateCategory", DefinitionTemplateCategory);

@InputType({ description: "Filter conditions. All given conditions must be met." })
export class DefinitionTemplateFilter {
  @Field(() => CategoryFilter, { nullable: true, description: "Area of the template." })
  category?: { eq?: string | null; ne?: string | null; in?: string[] | null } | null;

  @Field(() => SearchFilter, { nullable: true, description: "Text to search for in key, name and description." })
  search?: SearchFilter | null;
}

const keyText = "Key of the definition, unused in your tenant (at most 64 characters). Default: the key of the template.";
const nameText = "Name of the definition (at most 200 characters). Default: the name of the template.";

@InputType({ description: "The template to import." })
export class ImportDefinitionTemplateInput {
  @Field(() => String, { description: "Key of the template, from `definitionTemplates`." })
  template!: string;

  @Field(() => String, { nullable: true, description: keyText })
  key?: string | null;

  @Field(() => String, { nullable: true, description: nameText })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Reason for this version, shown in the list of versions. At most 2,000 characters. By default, it says which version of which template was imported.",
  })
  message?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Tags for finding the definition: at most 20, each at most 40 characters. They are converted to lower case, and duplicates are removed.",
  })
  tags?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key returns the first result.",
  })
  idempotencyKey?: string | null;
}

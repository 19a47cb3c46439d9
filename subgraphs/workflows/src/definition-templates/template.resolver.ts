import type { Context } from "@weft/api/context";
import { ConnectionArgs, type Page } from "@weft/api/pages";
import { allOf, Allow, can, canInTenant, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadDefinition } from "../definitions/definition.loader.js";
import { type Definition, DefinitionPayload } from "../definitions/definition.type.js";
import { templateDiagram } from "../diagrams/diagram.service.js";
import { DiagramFormat } from "../diagrams/diagram.type.js";
import { DefinitionTemplateFilter, ImportDefinitionTemplateInput } from "./template.input.js";
import { listTemplates } from "./template.list.js";
import { importTemplate, previewTemplate, readTemplate } from "./template.service.js";
import { DefinitionTemplate, DefinitionTemplateConnection, DefinitionTemplatePreview } from "./template.type.js";

@Resolver(() => DefinitionTemplate)
export class DefinitionTemplateResolver {
  @Query(() => DefinitionTemplateConnection, {
    nullable: true,
    description: "The template library: definitions that ship with Weft, in a fixed order. A definition comes after those that it starts.",
  })
  @Allow(allOf(staff, can("definition.read")))
  definitionTemplates(
    @Arg("filter", () => DefinitionTemplateFilter, { nullable: true, description: "Filter." })
    filter: DefinitionTemplateFilter | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<DefinitionTemplate>> {
    return listTemplates(ctx, filter, page);
  }

  @Query(() => DefinitionTemplate, {
    nullable: true,
    description: "One template of the library. Errors: NOT_FOUND.",
  })
  @Allow(allOf(staff, can("definition.read")))
  definitionTemplate(@Arg("key", () => String, { description: "Key of the template." }) key: string): Promise<DefinitionTemplate> {
    return readTemplate(key);
  }

  @Query(() => DefinitionTemplatePreview, {
    nullable: true,
    description:
      "Returns what `importDefinitionTemplate` would do: what would be created, what exists already, and which roles and other objects are missing. Nothing is written. Errors: NOT_FOUND, BAD_USER_INPUT (key, name).",
  })
  @Allow(canInTenant("definition.create"))
  previewDefinitionTemplate(
    @Arg("template", () => String, { description: "Key of the template." }) template: string,
    @Arg("key", () => String, { nullable: true, description: "Key of the new definition. Default: the key of the template." })
    key: string | null | undefined,
    @Arg("name", () => String, { nullable: true, description: "Name of the new definition. Default: the name of the template." })
    name: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<Omit<DefinitionTemplatePreview, "existing">> {
    return previewTemplate(ctx, template, { key: key ?? null, name: name ?? null });
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Diagram of its states and transitions, or of the steps of an automation and what they depend on. Null, with QUERY_LIMIT_EXCEEDED, if one operation requests more than 20,000 of them.",
  })
  @Allow(inherit)
  diagram(
    @Arg("format", () => DiagramFormat, { nullable: true, description: "Output format (default SVG)." })
    format: DiagramFormat | null | undefined,
    @Root() template: DefinitionTemplate,
    @Ctx() ctx: Context,
  ): Promise<string> {
    return templateDiagram(ctx, template, format ?? DiagramFormat.SVG);
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Saves a template of the library as a draft: the first version of a new definition. Errors: NOT_FOUND (the template), BAD_USER_INPUT (a definition with the key exists; the message names it), DEFINITION_INVALID (roles that the tenant does not have, each with its line), CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("definition.create"))
  async importDefinitionTemplate(
    @Arg("input", () => ImportDefinitionTemplateInput) input: ImportDefinitionTemplateInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await importTemplate(ctx, input) };
  }
}

@Resolver(() => DefinitionTemplatePreview)
export class DefinitionTemplatePreviewResolver {
  @FieldResolver()
  existing(@Root() { existingId }: DefinitionTemplatePreview, @Ctx() ctx: Context): Promise<Definition | null> | null {
    return existingId === null ? null : loadDefinition(ctx, existingId);
  }
}

export const definitionTemplateModule: SubgraphModule = {
  resolvers: { definitions: [DefinitionTemplateResolver, DefinitionTemplatePreviewResolver] },
};

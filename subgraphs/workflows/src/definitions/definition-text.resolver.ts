import { Allow, can, type Context } from "@weft/shared";
import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { diffDefinitions } from "./definition-diff.service.js";
import { DefinitionDiff } from "./definition-diff.type.js";
import { exportDefinition } from "./definition-export.service.js";
import { DefinitionExport } from "./definition-export.type.js";
import { DefinitionFormat } from "./definition.type.js";

/** What is made from the text of versions. */
@Resolver()
export class DefinitionTextResolver {
  @Query(() => DefinitionDiff, {
    nullable: true,
    description: "What differs between two versions, of one definition or of two. Errors: NOT_FOUND, BAD_USER_INPUT (an id).",
  })
  @Allow(can("definition.read"))
  diffDefinitions(
    @Arg("from", () => ID, { description: "The version to compare with, `wfd_…`." }) from: string,
    @Arg("to", () => ID, { description: "The version to look at, `wfd_…`." }) to: string,
    @Ctx() ctx: Context,
  ): Promise<DefinitionDiff> {
    return diffDefinitions(ctx, from, to);
  }

  @Query(() => DefinitionExport, {
    nullable: true,
    description: "A version as YAML or JSON; `createDefinition` takes it back. Errors: NOT_FOUND, BAD_USER_INPUT (the id).",
  })
  @Allow(can("definition.read"))
  exportDefinition(
    @Arg("id", () => ID, { description: "The version, `wfd_…`." }) id: string,
    @Arg("format", () => DefinitionFormat, { description: "How to write it." }) format: DefinitionFormat,
    @Ctx() ctx: Context,
  ): Promise<DefinitionExport> {
    return exportDefinition(ctx, id, format);
  }
}

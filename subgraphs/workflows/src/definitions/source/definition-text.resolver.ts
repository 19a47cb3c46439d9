import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { diffDefinitions } from "./definition-diff.service.js";
import { DefinitionDiff } from "./definition-diff.type.js";
import { exportDefinition } from "./definition-export.service.js";
import { DefinitionExport } from "./definition-export.type.js";
import { DefinitionFormat } from "../definition.type.js";

/** Fields computed from the source of versions. */
@Resolver()
export class DefinitionTextResolver {
  @Query(() => DefinitionDiff, {
    nullable: true,
    description:
      "Differences between two versions, of the same definition or of two definitions. Errors: NOT_FOUND, BAD_USER_INPUT (an ID).",
  })
  @Allow(can("definition.read"))
  diffDefinitions(
    @Arg("from", () => ID, { description: "ID of the version to compare with (`wfd_…`)." }) from: string,
    @Arg("to", () => ID, { description: "ID of the version to examine (`wfd_…`)." }) to: string,
    @Ctx() ctx: Context,
  ): Promise<DefinitionDiff> {
    return diffDefinitions(ctx, from, to);
  }

  @Query(() => DefinitionExport, {
    nullable: true,
    description: "Exports a version as YAML or JSON that `createDefinition` accepts. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(can("definition.read"))
  exportDefinition(
    @Arg("id", () => ID, { description: "ID of the version (`wfd_…`)." }) id: string,
    @Arg("format", () => DefinitionFormat, { description: "Output format." }) format: DefinitionFormat,
    @Ctx() ctx: Context,
  ): Promise<DefinitionExport> {
    return exportDefinition(ctx, id, format);
  }
}

export const definitionTextModule: SubgraphModule = { resolvers: { definitions: [DefinitionTextResolver] } };

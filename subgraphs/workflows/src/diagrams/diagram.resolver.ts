import type { Context } from "@weft/api/context";
import { Allow, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Definition } from "../definitions/definition.type.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { Run } from "../automation/run.type.js";
import { definitionDiagram, instanceDiagram, runDiagram } from "./diagram.service.js";
import { DiagramFormat } from "./diagram.type.js";

const formatText = "Output format (default SVG).";

@Resolver(() => Definition)
export class DefinitionDiagramResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Diagram of its states and transitions, or of the steps of an automation and what they depend on. Null, with QUERY_LIMIT_EXCEEDED, if one operation requests more than 20,000 of them.",
  })
  @Allow(inherit)
  diagram(
    @Arg("format", () => DiagramFormat, { nullable: true, description: formatText }) format: DiagramFormat | null | undefined,
    @Root() definition: Definition,
    @Ctx() ctx: Context,
  ): Promise<string> {
    return definitionDiagram(ctx, definition, format ?? DiagramFormat.SVG);
  }
}

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceDiagramResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Diagram of the definition showing the current state and the path of the instance (at most the newest 500 transitions). If you cannot see the definition, only the path and the next transitions are shown.",
  })
  @Allow(inherit)
  diagram(
    @Arg("format", () => DiagramFormat, { nullable: true, description: formatText }) format: DiagramFormat | null | undefined,
    @Root() { head }: WorkflowInstance,
    @Ctx() ctx: Context,
  ): Promise<string> {
    return instanceDiagram(ctx, head, format ?? DiagramFormat.SVG);
  }
}

@Resolver(() => Run)
export class RunDiagramResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Diagram of its steps with their statuses, and what they depend on. If you cannot see the definition, only steps that have begun, or have been skipped, are shown.",
  })
  @Allow(inherit)
  diagram(
    @Arg("format", () => DiagramFormat, { nullable: true, description: formatText }) format: DiagramFormat | null | undefined,
    @Root() run: Run,
    @Ctx() ctx: Context,
  ): Promise<string> {
    return runDiagram(ctx, run, format ?? DiagramFormat.SVG);
  }
}

export const workflowInstanceDiagramModule: SubgraphModule = {
  resolvers: { workflows: [WorkflowInstanceDiagramResolver], definitions: [DefinitionDiagramResolver], automation: [RunDiagramResolver] },
};

import { Allow, inherit, type Context } from "@weft/shared";
import { Arg, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Definition } from "../definitions/definition.type.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { definitionDiagram, instanceDiagram } from "./diagram.service.js";
import { DiagramFormat } from "./diagram.type.js";

const formatText = "SVG when left out.";

@Resolver(() => Definition)
export class DefinitionDiagramResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: "Its states and transitions as a picture. Null, with QUERY_LIMIT_EXCEEDED, beyond 20,000 of them in one operation.",
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
      "Where it is and which way it came (of more than 500 moves the newest 500), in the picture of its definition; if you may not see that, only its way and the next transitions.",
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

import { findChildrenOf, type ListedChild } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { Allow, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Project } from "../projects/project.type.js";
import { ProjectPhase, toPhase } from "./project-phase.type.js";

@Resolver(() => Project)
export class ProjectPhaseResolver {
  @FieldResolver(() => [ProjectPhase], {
    nullable: true,
    description:
      "Phases that the project's workflow has started, in their order. If phases are repeated, those of each attempt. Only for users of the organization.",
  })
  @Allow(staff)
  async phases(@Root() { instanceId }: Project, @Ctx() ctx: Context): Promise<ProjectPhase[]> {
    const loader = ctx.loader<string, ListedChild[]>("projectPhases", async (tx, ids) =>
      Map.groupBy(await findChildrenOf(tx, ids), (child) => child.parentId),
    );
    return ((await loader.load(instanceId)) ?? []).map(toPhase);
  }
}

export const projectPhaseModule: SubgraphModule = { resolvers: { projects: [ProjectPhaseResolver] } };

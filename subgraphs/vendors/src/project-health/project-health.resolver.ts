import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Project } from "../projects/project.type.js";
import { findHealth } from "./project-health.service.js";
import { ProjectHealth, toHealth } from "./project-health.type.js";

@Resolver(() => Project)
export class ProjectHealthResolver {
  @FieldResolver(() => ProjectHealth, {
    nullable: true,
    description:
      "How healthy it is, and why. Null if it has ended, or your permission does not reach its tasks. Only for users of the organization.",
  })
  @Allow(allOf(staff, can("projectTask.read")))
  async health(@Root() { id, status, budget }: Project, @Ctx() ctx: Context): Promise<ProjectHealth | null> {
    if (status === "COMPLETED" || status === "CANCELLED") return null;
    const reasons = await findHealth(ctx, decodeId("project", id), budget?.amount ?? null);
    return reasons && toHealth(reasons);
  }
}

export const projectHealthModule: SubgraphModule = { resolvers: { projects: [ProjectHealthResolver] } };

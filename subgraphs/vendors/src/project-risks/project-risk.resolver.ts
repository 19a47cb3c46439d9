import { vendors as tables } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Project } from "../projects/project.type.js";
import { CloseProjectRiskInput, ProjectRiskPayload } from "./project-risk.input.js";
import * as service from "./project-risk.service.js";
import { countRisks, listRisksOfProjects, type ProjectRiskRow } from "./project-risk.store.js";
import {
  type ProjectRisk,
  ProjectRiskConnection,
  RiskStatus,
  toProjectRisk,
  CreateProjectRiskInput,
  UpdateProjectRiskInput,
} from "./project-risk.type.js";

const { projectRisks } = tables;

const highestFirst: Order<ProjectRiskRow> = {
  name: "SCORE",
  direction: "DESC",
  column: projectRisks.score,
  valueOf: (row) => String(row.score),
};

const mayChange = allOf(staff, can("project.update"));

@Resolver(() => Project)
export class ProjectRiskResolver {
  @FieldResolver(() => ProjectRiskConnection, {
    nullable: true,
    description: "Risks, the highest score first. Only for users of the organization.",
  })
  @Allow(staff)
  risks(
    @Root() { id }: Project,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("status", () => RiskStatus, { nullable: true, description: "Only risks with this status." }) status: RiskStatus | null,
    @Ctx() ctx: Context,
  ): Promise<Page<ProjectRisk>> {
    const projectId = decodeId("project", id);
    return keysetPage<ProjectRiskRow, ProjectRisk>(ctx, {
      args,
      list: `project.risks ${projectId}`,
      orderBy: highestFirst,
      id: { column: projectRisks.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: `project.risks ${status ?? ""}`,
          args,
          parentId: projectId,
          slice,
          select: (tx, ids) => listRisksOfProjects(tx, ids, slice, status),
          parentOf: (row) => row.projectId,
        }),
      count: () => ctx.read((tx) => countRisks(tx, projectId, status)),
      toNode: toProjectRisk,
    });
  }

  @Mutation(() => ProjectRiskPayload, { description: "Adds a risk to a project. Errors: BAD_USER_INPUT, CONFLICT (idempotency key)." })
  @Allow(mayChange)
  async createProjectRisk(
    @Arg("input", () => CreateProjectRiskInput, { description: "The risk." }) input: CreateProjectRiskInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectRiskPayload> {
    return { risk: toProjectRisk(await service.createProjectRisk(ctx, input)) };
  }

  @Mutation(() => ProjectRiskPayload, {
    description: "Changes an open risk. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, or closed).",
  })
  @Allow(mayChange)
  async updateProjectRisk(
    @Arg("input", () => UpdateProjectRiskInput, { description: "The changes." }) input: UpdateProjectRiskInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectRiskPayload> {
    return { risk: toProjectRisk(await service.updateProjectRisk(ctx, input)) };
  }

  @Mutation(() => ProjectRiskPayload, {
    description:
      "Closes a risk that has happened, or no longer can. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, or closed already).",
  })
  @Allow(mayChange)
  async closeProjectRisk(
    @Arg("input", () => CloseProjectRiskInput, { description: "The risk." }) input: CloseProjectRiskInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectRiskPayload> {
    return { risk: toProjectRisk(await service.closeProjectRisk(ctx, input)) };
  }
}

export const projectRiskModule: SubgraphModule = { resolvers: { projects: [ProjectRiskResolver] } };

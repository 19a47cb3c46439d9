import { vendors as tables } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Project } from "../projects/project.type.js";
import { CloseProjectDecisionInput, ProjectDecisionPayload } from "./project-decision.input.js";
import * as service from "./project-decision.service.js";
import { countDecisions, listDecisionsOfProjects, type ProjectDecisionRow } from "./project-decision.store.js";
import {
  type ProjectDecision,
  ProjectDecisionConnection,
  DecisionStatus,
  toProjectDecision,
  CreateProjectDecisionInput,
  UpdateProjectDecisionInput,
} from "./project-decision.type.js";

const { projectDecisions } = tables;

const newestFirst: Order<ProjectDecisionRow> = {
  name: "DECIDED_ON",
  direction: "DESC",
  column: projectDecisions.decidedOn,
  valueOf: (row) => row.decidedOn,
};

const mayChange = allOf(staff, can("project.update"));

@Resolver(() => Project)
export class ProjectDecisionResolver {
  @FieldResolver(() => ProjectDecisionConnection, {
    nullable: true,
    description: "Decisions, the latest first. Only for users of the organization.",
  })
  @Allow(staff)
  decisions(
    @Root() { id }: Project,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("status", () => DecisionStatus, { nullable: true, description: "Only decisions with this status." }) status: DecisionStatus | null,
    @Ctx() ctx: Context,
  ): Promise<Page<ProjectDecision>> {
    const projectId = decodeId("project", id);
    return keysetPage<ProjectDecisionRow, ProjectDecision>(ctx, {
      args,
      list: `project.decisions ${projectId}`,
      orderBy: newestFirst,
      id: { column: projectDecisions.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: `project.decisions ${status ?? ""}`,
          args,
          parentId: projectId,
          slice,
          select: (tx, ids) => listDecisionsOfProjects(tx, ids, slice, status),
          parentOf: (row) => row.projectId,
        }),
      count: () => ctx.read((tx) => countDecisions(tx, projectId, status)),
      toNode: toProjectDecision,
    });
  }

  @Mutation(() => ProjectDecisionPayload, {
    description: "Records a decision of a project. Errors: BAD_USER_INPUT, CONFLICT (idempotency key).",
  })
  @Allow(mayChange)
  async createProjectDecision(
    @Arg("input", () => CreateProjectDecisionInput, { description: "The decision." }) input: CreateProjectDecisionInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectDecisionPayload> {
    return { decision: toProjectDecision(await service.createProjectDecision(ctx, input)) };
  }

  @Mutation(() => ProjectDecisionPayload, {
    description: "Changes a decision that applies. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, or closed).",
  })
  @Allow(mayChange)
  async updateProjectDecision(
    @Arg("input", () => UpdateProjectDecisionInput, { description: "The changes." }) input: UpdateProjectDecisionInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectDecisionPayload> {
    return { decision: toProjectDecision(await service.updateProjectDecision(ctx, input)) };
  }

  @Mutation(() => ProjectDecisionPayload, {
    description:
      "Closes a decision that no longer applies. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, or closed already).",
  })
  @Allow(mayChange)
  async closeProjectDecision(
    @Arg("input", () => CloseProjectDecisionInput, { description: "The decision." }) input: CloseProjectDecisionInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectDecisionPayload> {
    return { decision: toProjectDecision(await service.closeProjectDecision(ctx, input)) };
  }
}

export const projectDecisionModule: SubgraphModule = { resolvers: { projects: [ProjectDecisionResolver] } };

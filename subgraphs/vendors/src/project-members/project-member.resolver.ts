import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Project, ProjectPayload } from "../projects/project.type.js";
import { AddProjectMemberInput, RemoveProjectMemberInput, UpdateProjectMemberInput } from "./project-member.input.js";
import * as service from "./project-member.service.js";
import { findMembers, type MemberRow } from "./project-member.store.js";
import { ProjectMember, toMember } from "./project-member.type.js";

@Resolver(() => Project)
export class ProjectMemberResolver {
  @FieldResolver(() => [ProjectMember], {
    nullable: true,
    description: "Users who take part in the project, the oldest members first. Only for users of the organization.",
  })
  @Allow(staff)
  async members(@Root() { id }: Project, @Ctx() ctx: Context): Promise<ProjectMember[]> {
    const loader = ctx.loader<string, MemberRow[]>("projectMembers", async (tx, ids) =>
      Map.groupBy(await findMembers(tx, ids), (row) => row.projectId),
    );
    return ((await loader.load(decodeId("project", id))) ?? []).map(toMember);
  }

  @Mutation(() => ProjectPayload, {
    description:
      "Adds a user to a project. Roles with permissions of projects in scope ASSIGNED reach the projects of which their users are members. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown user, already a member, more than 100 members).",
  })
  @Allow(allOf(can("project.update"), staff))
  async addProjectMember(
    @Arg("input", () => AddProjectMemberInput, { description: "The member." }) input: AddProjectMemberInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: await service.addProjectMember(ctx, input) };
  }

  @Mutation(() => ProjectPayload, {
    description: "Changes the role of a member. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (not a member of the project).",
  })
  @Allow(allOf(can("project.update"), staff))
  async updateProjectMember(
    @Arg("input", () => UpdateProjectMemberInput, { description: "The member." }) input: UpdateProjectMemberInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: await service.updateProjectMember(ctx, input) };
  }

  @Mutation(() => ProjectPayload, {
    description: "Removes a user from a project. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (not a member of the project).",
  })
  @Allow(allOf(can("project.update"), staff))
  async removeProjectMember(
    @Arg("input", () => RemoveProjectMemberInput, { description: "The member." }) input: RemoveProjectMemberInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: await service.removeProjectMember(ctx, input) };
  }
}

export const projectMemberModule: SubgraphModule = { resolvers: { projects: [ProjectMemberResolver] } };

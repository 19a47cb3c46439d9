import { formOfFields, shownFields, type JsonObject } from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Form } from "@weft/api/forms";
import type { Page } from "@weft/api/pages";
import { Allow, can, canInTenant, inherit, VendorPortal } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { ProjectsArgs } from "./project.input.js";
import { loadProject, loadProjects } from "./project.loader.js";
import { createProject } from "./create-project.service.js";
import { listProjects } from "./project.service.js";
import { Project, ProjectConnection, toProject, ProjectPayload, CreateProjectInput, UpdateProjectInput } from "./project.type.js";
import { updateProject } from "./update-project.service.js";

@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => Project, { nullable: true, description: "A project. Errors: NOT_FOUND." })
  @Allow(can("project.read"))
  @VendorPortal()
  async project(@Arg("id", () => ID, { description: "The project." }) id: string, @Ctx() ctx: Context): Promise<Project> {
    const project = await loadProject(ctx, decodeId("project", id));
    if (!project) throw new NotFound("Project", id);
    return project;
  }

  @Query(() => ProjectConnection, { nullable: true, description: "Projects of the tenant that you can see. Errors: BAD_USER_INPUT." })
  @Allow(can("project.read"))
  @VendorPortal()
  projects(@Args(() => ProjectsArgs) args: ProjectsArgs, @Ctx() ctx: Context): Promise<Page<Project>> {
    return listProjects(ctx, args);
  }

  @FieldResolver(() => JsonScalar)
  fields(@Root() { id, fields }: Project, @Ctx() ctx: Context): Promise<JsonObject> {
    return shownFields(ctx, "PROJECT", { id: decodeId("project", id), fields: fields as JsonObject });
  }

  @FieldResolver(() => Form, {
    nullable: true,
    description: "Form of the input `fields` of `updateProject`, with the current values. Null if projects have no custom fields.",
  })
  @Allow(inherit)
  form(@Root() { id, fields }: Project, @Ctx() ctx: Context): Promise<Form | null> {
    return formOfFields(ctx, "PROJECT", { id: decodeId("project", id), fields: fields as JsonObject });
  }

  @Mutation(() => ProjectPayload, {
    description:
      "Creates a project and starts its workflow. With a template, it also gets its tasks, dependencies, and milestones. Errors: BAD_USER_INPUT, CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("project.create"))
  async createProject(
    @Arg("input", () => CreateProjectInput, { description: "The project." }) input: CreateProjectInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: toProject(await createProject(ctx, input)) };
  }

  @Mutation(() => ProjectPayload, {
    description:
      "Changes a project, and its name and budget in the data of the workflow. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT, TRANSITION_REJECTED (new name or budget of a project whose workflow has ended or is suspended).",
  })
  @Allow(can("project.update"))
  async updateProject(
    @Arg("input", () => UpdateProjectInput, { description: "The changes." }) input: UpdateProjectInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: toProject(await updateProject(ctx, input)) };
  }
}

export const projectModule: SubgraphModule = { resolvers: { projects: [ProjectResolver] }, references: { Project: loadProjects } };

import { vendors as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { filterInput, type FilterValue, searchField, textField, wordIn } from "@weft/api/filters";
import { DeletePayload, IdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, type Order, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, sql } from "drizzle-orm";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { deleteProjectTemplate, saveProjectTemplate } from "./project-template.service.js";
import { countTemplates, selectTemplatesSlice, type ShownTemplate } from "./project-template.store.js";
import {
  type ProjectTemplate,
  ProjectTemplateConnection,
  toProjectTemplate,
  ProjectTemplatePayload,
  SaveProjectTemplateInput,
} from "./project-template.type.js";

const { projectTemplates: templates } = tables;

const ProjectTemplateFilter = filterInput("ProjectTemplateFilter", {
  search: searchField(wordIn(sql`concat_ws(' ', ${templates.name}, ${templates.description})`), "Words in the name or the description."),
  name: textField(templates.name, "Name."),
});

const byName: Order<ShownTemplate> = { name: "NAME", direction: "ASC", column: templates.name, valueOf: (row) => row.name };

@Resolver()
export class ProjectTemplateResolver {
  @Query(() => ProjectTemplateConnection, {
    nullable: true,
    description: "Templates of projects, by name. Only for users of the organization. Errors: BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, canInTenant("project.create")))
  projectTemplates(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => ProjectTemplateFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<ProjectTemplate>> {
    const where = ProjectTemplateFilter.toSql(filter, "filter", ctx.viewer);
    return keysetPage<ShownTemplate, ProjectTemplate>(ctx, {
      args,
      list: "projectTemplates",
      orderBy: byName,
      id: { column: templates.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => selectTemplatesSlice(tx, and(where, slice.where), slice)),
      count: () => ctx.read((tx) => countTemplates(tx, where)),
      toNode: toProjectTemplate,
    });
  }

  @Mutation(() => ProjectTemplatePayload, {
    description:
      "Saves the tasks, dependencies, milestones, and phases of a project as a template, without people, dates, and progress. Errors: BAD_USER_INPUT (unknown project, a name that is taken), CONFLICT (idempotency key).",
  })
  @Allow(allOf(staff, canInTenant("project.create"), canInTenant("projectTask.read")))
  async saveProjectTemplate(
    @Arg("input", () => SaveProjectTemplateInput, { description: "The project, and the name of the template." })
    input: SaveProjectTemplateInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectTemplatePayload> {
    return { template: toProjectTemplate(await saveProjectTemplate(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a template. Projects that were created from it stay as they are. Errors: NOT_FOUND.",
  })
  @Allow(allOf(staff, canInTenant("project.create")))
  async deleteProjectTemplate(
    @Arg("input", () => IdInput, { description: "The template." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteProjectTemplate(ctx, input);
    return { id: input.id };
  }
}

export const projectTemplateModule: SubgraphModule = { resolvers: { projects: [ProjectTemplateResolver] } };

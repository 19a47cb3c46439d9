import { type Tx, withDeleted } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { deleteProject, restoreProject } from "./delete-project.service.js";
import { countDeletedProjects, listDeletedProjects } from "./delete-project.store.js";
import { type DeletedProject, DeletedProjectConnection, deletionOrder, toDeletedProject } from "./deleted-project.type.js";

import { projectId } from "./project.service.js";
import type { ProjectRow } from "./project.store.js";
import { toProject, ProjectPayload } from "./project.type.js";

@Resolver()
export class DeleteProjectResolver {
  @Query(() => DeletedProjectConnection, { nullable: true, description: "Deleted projects, those that were deleted last first." })
  @Allow(allOf(canInTenant("project.delete"), staff))
  deletedProjects(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<DeletedProject>> {
    const read = <T>(run: (tx: Tx) => Promise<T>): Promise<T> => ctx.read((tx) => withDeleted(tx, () => run(tx)));
    return keysetPage<ProjectRow, DeletedProject>(ctx, {
      args,
      list: "deletedProjects",
      orderBy: deletionOrder,
      id: projectId,
      fetch: (slice) => read((tx) => listDeletedProjects(tx, ctx.viewer, slice)),
      count: () => read((tx) => countDeletedProjects(tx, ctx.viewer)),
      toNode: toDeletedProject,
    });
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a project that has ended, with its workflow. `restoreProject` restores it. Errors: NOT_FOUND, CONFLICT (another version; it has not ended; workflows about it run; a milestone is in review, or a change of its scope in approval).",
  })
  @Allow(allOf(canInTenant("project.delete"), staff))
  async deleteProject(
    @Arg("input", () => VersionedIdInput, { description: "The project." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteProject(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => ProjectPayload, {
    description:
      "Restores a deleted project as it was. Errors: NOT_FOUND (also if it is not deleted), CONFLICT (another version), BAD_USER_INPUT (another project has its code).",
  })
  @Allow(allOf(canInTenant("project.delete"), staff))
  async restoreProject(
    @Arg("input", () => VersionedIdInput, { description: "The project." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: toProject(await restoreProject(ctx, input)) };
  }
}

export const deleteProjectModule: SubgraphModule = { resolvers: { projects: [DeleteProjectResolver] } };

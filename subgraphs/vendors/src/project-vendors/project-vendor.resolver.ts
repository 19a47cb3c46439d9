import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Project, ProjectPayload } from "../projects/project.type.js";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { AssignProjectVendorInput, ProjectVendorsArgs, UnassignProjectVendorInput } from "./project-vendor.input.js";
import * as service from "./project-vendor.service.js";
import { findProjectVendors, type ProjectVendorRow } from "./project-vendor.store.js";
import { ProjectVendor, toProjectVendor } from "./project-vendor.type.js";

@Resolver(() => Project)
export class ProjectVendorsResolver {
  @FieldResolver(() => [ProjectVendor], {
    nullable: true,
    description: "Vendors that take part in the project, in the order of their assignments. Users of a vendor see only their own.",
  })
  @Allow(inherit)
  async vendors(
    @Root() { id }: Project,
    @Args(() => ProjectVendorsArgs) { includeEnded }: ProjectVendorsArgs,
    @Ctx() ctx: Context,
  ): Promise<ProjectVendor[]> {
    const loader = ctx.loader<string, ProjectVendorRow[]>(`projectVendors.${includeEnded}`, async (tx, ids) =>
      Map.groupBy(await findProjectVendors(tx, ids, includeEnded), (row) => row.projectId),
    );
    return ((await loader.load(decodeId("project", id))) ?? []).map(toProjectVendor);
  }

  @Mutation(() => ProjectPayload, {
    description:
      "Assigns a vendor to a project, or changes its role. The vendor's users are notified. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown vendor, one that cannot get work, one that has the role already, more than 100 vendors).",
  })
  @Allow(allOf(can("project.update"), staff))
  async assignProjectVendor(
    @Arg("input", () => AssignProjectVendorInput, { description: "The vendor and its role." }) input: AssignProjectVendorInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: await service.assignProjectVendor(ctx, input) };
  }

  @Mutation(() => ProjectPayload, {
    description:
      "Removes a vendor from a project. Tasks that are assigned to the vendor stay with it. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (not a vendor of the project).",
  })
  @Allow(allOf(can("project.update"), staff))
  async unassignProjectVendor(
    @Arg("input", () => UnassignProjectVendorInput, { description: "The vendor." }) input: UnassignProjectVendorInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectPayload> {
    return { project: await service.unassignProjectVendor(ctx, input) };
  }
}

@Resolver(() => ProjectVendor)
export class ProjectVendorResolver {
  @FieldResolver(() => Vendor, { nullable: true })
  @Allow(inherit)
  vendor(@Root() { vendorId }: ProjectVendor, @Ctx() ctx: Context): Promise<Vendor | null> {
    return loadVendor(ctx, vendorId);
  }
}

export const projectVendorsModule: SubgraphModule = { resolvers: { projects: [ProjectVendorsResolver, ProjectVendorResolver] } };

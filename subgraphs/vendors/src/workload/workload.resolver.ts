import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { projectWorkload, userWorkload, vendorWorkload } from "./workload.service.js";
import { Workload, WorkloadArgs } from "./workload.type.js";

const readsPlans = allOf(staff, can("projectTask.read"));
const errors = "Errors: NOT_FOUND, BAD_USER_INPUT (days, too many buckets).";

@Resolver(() => Workload)
export class WorkloadResolver {
  @Query(() => [Workload], {
    nullable: true,
    description: `Planned work in a project, of each user and vendor with tasks, and of tasks without an assignee. Days and capacity are those of the plan's calendar. ${errors}`,
  })
  @Allow(readsPlans)
  projectWorkload(
    @Arg("projectId", () => ID, { description: "The project." }) projectId: string,
    @Args(() => WorkloadArgs) args: WorkloadArgs,
    @Ctx() ctx: Context,
  ): Promise<Workload[]> {
    return projectWorkload(ctx, projectId, args);
  }

  @Query(() => Workload, {
    nullable: true,
    description: `Planned work of a user in all projects, from the tasks that you can see. Days and capacity are those of the organization's calendar. ${errors}`,
  })
  @Allow(readsPlans)
  userWorkload(
    @Arg("userId", () => ID, { description: "The user." }) userId: string,
    @Args(() => WorkloadArgs) args: WorkloadArgs,
    @Ctx() ctx: Context,
  ): Promise<Workload> {
    return userWorkload(ctx, userId, args);
  }

  @Query(() => Workload, {
    nullable: true,
    description: `Planned work of a vendor in all projects, from the tasks that you can see. Days and capacity are those of the organization's calendar. Users of a vendor can ask for their own vendor. ${errors}`,
  })
  @Allow(can("projectTask.read"))
  vendorWorkload(
    @Arg("vendorId", () => ID, { description: "The vendor." }) vendorId: string,
    @Args(() => WorkloadArgs) args: WorkloadArgs,
    @Ctx() ctx: Context,
  ): Promise<Workload> {
    return vendorWorkload(ctx, vendorId, args);
  }

  @FieldResolver(() => Vendor, {
    nullable: true,
    description: "The vendor. Null if it is work of a user, nobody is assigned, or you cannot see it.",
  })
  @Allow(can("vendor.read"))
  vendor(@Root() { vendorId }: Workload, @Ctx() ctx: Context): Promise<Vendor | null> {
    return vendorId === null ? Promise.resolve(null) : loadVendor(ctx, vendorId);
  }
}

export const workloadModule: SubgraphModule = { resolvers: { projects: [WorkloadResolver] } };

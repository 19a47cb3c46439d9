import type { Context } from "@weft/api/context";
import { allOf, Allow, can, canInTenant, RequiresRecentLogin, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Building, BuildingPayload } from "../buildings/building.type.js";
import { BuildingUsersInput } from "./building-user.input.js";
import { assignBuildingUsers, unassignBuildingUsers } from "./building-user.service.js";
import { type BuildingUserRow, findBuildingUsers } from "./building-user.store.js";
import { BuildingUser, toBuildingUser } from "./building-user.type.js";

@Resolver(() => Building)
export class BuildingUserResolver {
  @FieldResolver(() => [BuildingUser], {
    nullable: true,
    description:
      "Users assigned to the building, who reach its objects by their permissions in scope `BUILDING`. Only for users of the organization.",
  })
  @Allow(staff)
  async users(@Root() { uuid }: Building, @Ctx() ctx: Context): Promise<BuildingUser[]> {
    const loader = ctx.loader<string, BuildingUserRow[]>("buildingUsers", async (tx, ids) =>
      Map.groupBy(await findBuildingUsers(tx, ids), (row) => row.buildingId),
    );
    return ((await loader.load(uuid)) ?? []).map(toBuildingUser);
  }

  @Mutation(() => BuildingPayload, {
    description:
      "Assigns users to a building. Their permissions in scope `BUILDING` then reach its objects. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, FORBIDDEN (gives more access than you have), BAD_USER_INPUT (unknown users, more than 500 users).",
  })
  @Allow(allOf(can("building.update"), canInTenant("user.update")))
  @RequiresRecentLogin()
  async assignBuildingUsers(
    @Arg("input", () => BuildingUsersInput) input: BuildingUsersInput,
    @Ctx() ctx: Context,
  ): Promise<BuildingPayload> {
    return { building: await assignBuildingUsers(ctx, input) };
  }

  @Mutation(() => BuildingPayload, {
    description:
      "Removes users from a building. Their permissions in scope `BUILDING` then no longer reach its objects. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, FORBIDDEN (lifts a denial), BAD_USER_INPUT (users who are not assigned).",
  })
  @Allow(allOf(can("building.update"), canInTenant("user.update")))
  @RequiresRecentLogin()
  async unassignBuildingUsers(
    @Arg("input", () => BuildingUsersInput) input: BuildingUsersInput,
    @Ctx() ctx: Context,
  ): Promise<BuildingPayload> {
    return { building: await unassignBuildingUsers(ctx, input) };
  }
}

export const buildingUserModule: SubgraphModule = { resolvers: { places: [BuildingUserResolver] } };

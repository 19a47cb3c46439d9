import type { Context } from "@weft/api/context";
import { Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Building, BuildingPayload } from "../buildings/building.type.js";
import { RemoveBuildingContactInput, SetBuildingContactInput } from "./building-contact.input.js";
import { removeBuildingContact, setBuildingContact } from "./building-contact.service.js";
import { type ContactRow, findContacts } from "./building-contact.store.js";
import { BuildingContact, toContact } from "./building-contact.type.js";

@Resolver(() => Building)
export class BuildingContactResolver {
  @FieldResolver(() => [BuildingContact], {
    nullable: true,
    description: "Users and teams in charge of the building. Only for users of the organization.",
  })
  @Allow(staff)
  async contacts(@Root() { uuid }: Building, @Ctx() ctx: Context): Promise<BuildingContact[]> {
    const loader = ctx.loader<string, ContactRow[]>("buildingContacts", async (tx, ids) =>
      Map.groupBy(await findContacts(tx, ids), (row) => row.buildingId),
    );
    return ((await loader.load(uuid)) ?? []).map(toContact);
  }

  @Mutation(() => BuildingPayload, {
    description:
      "Puts a user or a team in charge of a building, or changes what they are in charge of. It grants no rights. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown user or team, more than 20 contacts).",
  })
  @Allow(can("building.update"))
  async setBuildingContact(
    @Arg("input", () => SetBuildingContactInput) input: SetBuildingContactInput,
    @Ctx() ctx: Context,
  ): Promise<BuildingPayload> {
    return { building: await setBuildingContact(ctx, input) };
  }

  @Mutation(() => BuildingPayload, {
    description:
      "Removes a user or a team from the contacts of a building. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (not a contact of the building).",
  })
  @Allow(can("building.update"))
  async removeBuildingContact(
    @Arg("input", () => RemoveBuildingContactInput) input: RemoveBuildingContactInput,
    @Ctx() ctx: Context,
  ): Promise<BuildingPayload> {
    return { building: await removeBuildingContact(ctx, input) };
  }
}

export const buildingContactModule: SubgraphModule = { resolvers: { places: [BuildingContactResolver] } };

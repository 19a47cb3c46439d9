import { requests as tables } from "@weft/drizzle";
import { countRows } from "@weft/platform/db";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, searchField, textField, timeField, wordIn } from "@weft/api/filters";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import {
  ConnectionArgs,
  connectionOf,
  keysetPage,
  nestedRows,
  orderByInput,
  type OrderByValue,
  type Page,
  tablePage,
} from "@weft/api/pages";
import { Allow, can, canInTenant, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, eq, sql } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { buildingLoaderAsOf } from "../buildings/building.loader.js";
import { Building } from "../buildings/building.type.js";
import { MoveSpaceInput } from "./space.input.js";
import { spaceLoader, spaceLoaderAsOf } from "./space.loader.js";
import * as service from "./space.service.js";
import { directlyIn, listSpacesIn, type SpaceRow, visibleSpaces } from "./space.store.js";
import { CreateSpaceInput, Space, SpaceKind, toSpace, SpacePayload, UpdateSpaceInput } from "./space.type.js";

const { spaces } = tables;

export const { Connection: SpaceConnection } = connectionOf(Space, "Space");

const SpaceFilter = filterInput("SpaceFilter", {
  search: searchField(wordIn(sql`concat_ws(' ', ${spaces.code}, ${spaces.name})`), "Searches code and name."),
  code: textField(spaces.code),
  name: textField(spaces.name),
  kind: enumField("SpaceKind", SpaceKind, spaces.kind),
  building: idField("building", spaces.buildingId, "Building of the space, at any level."),
  parent: idField("space", spaces.parentId, "Space that directly contains it."),
  createdAt: timeField(spaces.createdAt),
});

const SpaceOrder = orderByInput<SpaceRow, "CODE" | "NAME" | "POSITION" | "CREATED_AT">("SpaceOrder", {
  CODE: { column: spaces.code, valueOf: (row) => row.code },
  NAME: { column: spaces.name, valueOf: (row) => row.name },
  POSITION: { column: spaces.position, valueOf: (row) => String(row.position) },
  CREATED_AT: { column: spaces.createdAt, valueOf: (row) => row.createdAt },
});

/** Returns a page of the spaces directly in a building or in a space. */
function spacesIn(ctx: Context, args: ConnectionArgs, parent: "building" | "space", parentId: string): Promise<Page<Space>> {
  const column = parent === "building" ? spaces.buildingId : spaces.parentId;
  return keysetPage<SpaceRow, Space>(ctx, {
    args,
    list: `${parent}.spaces ${parentId}`,
    orderBy: SpaceOrder.resolve(null, ["POSITION", "ASC"]),
    id: { column: spaces.id, valueOf: (row) => row.id },
    fetch: (slice) =>
      nestedRows(ctx, {
        name: `${parent}.spaces`,
        args,
        parentId,
        slice,
        select: (tx, ids) => listSpacesIn(tx, ctx.viewer, column, ids, slice),
        parentOf: (row) => (parent === "building" ? row.buildingId : row.parentId),
      }),
    count: () => {
      const where = and(visibleSpaces(ctx.viewer, "building.read"), directlyIn(column), eq(column, parentId));
      return ctx.read((tx) => countRows(tx, { name: "countSpacesIn", table: spaces, where }));
    },
    toNode: toSpace,
  });
}

@Resolver(() => Space)
export class SpaceResolver {
  @Query(() => Space, { nullable: true, description: "A floor, room, or area. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("building.read"))
  @VendorPortal()
  space(@Arg("id", () => ID, { description: "ID of the space (`spc_…`)." }) id: string, @Ctx() ctx: Context): Promise<Space> {
    return loadById(ctx, spaceLoader, "space", id);
  }

  @Query(() => SpaceConnection, { nullable: true, description: "Spaces of all buildings, by code by default." })
  @Allow(can("building.read"))
  @VendorPortal()
  spaces(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => SpaceFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => SpaceOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Space>> {
    return tablePage(ctx, {
      list: "spaces",
      args,
      table: spaces,
      where: and(visibleSpaces(ctx.viewer, "building.read"), SpaceFilter.toSql(filter)),
      orderBy: SpaceOrder.resolve(orderBy, ["CODE", "ASC"]),
      toNode: toSpace,
    });
  }

  @FieldResolver(() => Building, { nullable: true, description: "Building of the space. Null if you cannot see it." })
  @Allow(can("building.read"))
  building(@Root() space: Space, @Ctx() ctx: Context): Promise<Building | null> {
    return buildingLoaderAsOf(space.asOf)(ctx).load(space.buildingId);
  }

  @FieldResolver(() => Space, { nullable: true, description: "Space that contains it. Null if it is directly in the building." })
  @Allow(can("building.read"))
  async parent(@Root() space: Space, @Ctx() ctx: Context): Promise<Space | null> {
    return space.parentId === null ? null : spaceLoaderAsOf(space.asOf)(ctx).load(space.parentId);
  }

  @FieldResolver(() => SpaceConnection, { description: "Spaces that it directly contains, by position." })
  @Allow(can("building.read"))
  spacesWithin(@Root() space: Space, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Space>> {
    return spacesIn(ctx, args, "space", space.uuid);
  }

  @Mutation(() => SpacePayload, {
    description:
      "Adds a floor, room, or area to a building. Spaces can be nested eight levels deep. Errors: BAD_USER_INPUT (unknown or inactive building, unknown parent, taken code), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("building.update"))
  createSpace(@Arg("input", () => CreateSpaceInput) input: CreateSpaceInput, @Ctx() ctx: Context): Promise<SpacePayload> {
    return service.createSpace(ctx, input);
  }

  @Mutation(() => SpacePayload, { description: "Changes a space. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT." })
  @Allow(can("building.update"))
  updateSpace(@Arg("input", () => UpdateSpaceInput) input: UpdateSpaceInput, @Ctx() ctx: Context): Promise<SpacePayload> {
    return service.updateSpace(ctx, input);
  }

  @Mutation(() => SpacePayload, {
    description:
      "Moves a space within its building, with everything in it. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown parent, a parent inside the space, too many levels).",
  })
  @Allow(can("building.update"))
  moveSpace(@Arg("input", () => MoveSpaceInput) input: MoveSpaceInput, @Ctx() ctx: Context): Promise<SpacePayload> {
    return service.moveSpace(ctx, input);
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a space that contains no other space, no asset in service, and that no open request is about. Its code becomes available again. Errors: NOT_FOUND, CONFLICT (another version, or it is in use: with the numbers in `dependents`), BAD_USER_INPUT (malformed ID).",
  })
  @Allow(can("building.update"))
  async deleteSpace(
    @Arg("input", () => VersionedIdInput, { description: "The space." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.deleteSpace(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => SpacePayload, {
    description:
      "Restores a deleted space at its place. Errors: NOT_FOUND (also if the space is not deleted), CONFLICT (another version), BAD_USER_INPUT (inactive or deleted building, deleted parent, taken code).",
  })
  @Allow(can("building.update"))
  restoreSpace(
    @Arg("input", () => VersionedIdInput, { description: "The space." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<SpacePayload> {
    return service.restoreSpace(ctx, input);
  }
}

/** Fields that spaces add to buildings. */
@Resolver(() => Building)
export class BuildingSpacesResolver {
  @FieldResolver(() => SpaceConnection, { description: "Spaces directly in the building, usually its floors, by position." })
  @Allow(can("building.read"))
  spaces(@Root() building: Building, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Space>> {
    return spacesIn(ctx, args, "building", building.uuid);
  }
}

export const spaceModule: SubgraphModule = {
  resolvers: { places: [SpaceResolver, BuildingSpacesResolver] },
  references: { Space: referencesThrough(spaceLoader) },
};

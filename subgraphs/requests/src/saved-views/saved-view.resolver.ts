import { savedViews as tables } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField } from "@weft/api/filters";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and } from "drizzle-orm";
import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { savedViewLoader } from "./saved-view.loader.js";
import * as service from "./saved-view.service.js";
import { type SavedViewRow, visibleViews } from "./saved-view.store.js";
import {
  SavedView,
  SavedViewList,
  SavedViewVisibility,
  SaveViewInput,
  toSavedView,
  SavedViewPayload,
  UpdateViewInput,
} from "./saved-view.type.js";
import { viewCounts } from "./view-counts.js";

const { savedViews } = tables;

const { Connection: SavedViewConnection } = connectionOf(SavedView);

const SavedViewFilter = filterInput("SavedViewFilter", {
  list: enumField("SavedViewList", SavedViewList, savedViews.list),
  visibility: enumField("SavedViewVisibility", SavedViewVisibility, savedViews.visibility),
  name: textField(savedViews.name),
});

const SavedViewOrder = orderByInput<SavedViewRow, "NAME" | "CREATED_AT">("SavedViewOrder", {
  NAME: { column: savedViews.name, valueOf: (row) => row.name },
  CREATED_AT: { column: savedViews.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => SavedView)
export class SavedViewResolver {
  @Query(() => SavedView, { nullable: true, description: "A saved view. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(staff)
  savedView(@Arg("id", () => ID, { description: "ID of the view (`svw_…`)." }) id: string, @Ctx() ctx: Context): Promise<SavedView> {
    return loadById(ctx, savedViewLoader, "savedView", id);
  }

  @Query(() => SavedViewConnection, {
    nullable: true,
    description: "Your saved views and those that are shared with you, by name by default.",
  })
  @Allow(staff)
  savedViews(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => SavedViewFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => SavedViewOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<SavedView>> {
    return tablePage(ctx, {
      list: "savedViews",
      args,
      table: savedViews,
      where: and(visibleViews(ctx.viewer), SavedViewFilter.toSql(filter)),
      orderBy: SavedViewOrder.resolve(orderBy, ["NAME", "ASC"]),
      toNode: toSavedView,
    });
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      "Number of objects that you can see in the view, at most 1,000: more are counted as 1,000. Null if you cannot read the list, or its filter no longer fits the list.",
  })
  @Allow(inherit)
  count(@Root() { row }: SavedView, @Ctx() ctx: Context, @Info() { schema }: GraphQLResolveInfo): Promise<number | null> {
    return viewCounts(ctx, schema).load(row);
  }

  @FieldResolver(() => Boolean, { description: "Whether you can change and delete the view." })
  @Allow(inherit)
  viewerCanUpdate(@Root() { row }: SavedView, @Ctx() ctx: Context): boolean {
    return service.canChange(ctx.viewer, row);
  }

  @Mutation(() => SavedViewPayload, {
    description:
      "Saves a view of a list. Errors: BAD_USER_INPUT (filter, order or columns that the list does not have), FORBIDDEN (sharing; a filter that you cannot use), LIMIT_EXCEEDED (200 views per user), CONFLICT (idempotency key).",
  })
  @Allow(staff)
  saveView(
    @Arg("input", () => SaveViewInput) input: SaveViewInput,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<SavedViewPayload> {
    return service.saveView(ctx, schema, input);
  }

  @Mutation(() => SavedViewPayload, {
    description: "Changes a saved view. Errors: NOT_FOUND, FORBIDDEN (a view of another user; sharing), CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(staff)
  updateView(
    @Arg("input", () => UpdateViewInput) input: UpdateViewInput,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<SavedViewPayload> {
    return service.updateView(ctx, schema, input);
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a saved view. Errors: NOT_FOUND, FORBIDDEN (a view of another user), CONFLICT.",
  })
  @Allow(staff)
  deleteView(
    @Arg("input", () => VersionedIdInput, { description: "The view (`svw_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return service.deleteView(ctx, input);
  }
}

export const savedViewModule: SubgraphModule = { resolvers: { requests: [SavedViewResolver] } };

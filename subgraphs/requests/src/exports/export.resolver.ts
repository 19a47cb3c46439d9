import { listExports } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import { enumField, filterInput, type FilterValue } from "@weft/api/filters";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, can, inherit, RequiresRecentLogin, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and } from "drizzle-orm";
import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from "type-graphql";
import { fileLoader } from "../files/file.loader.js";
import { File } from "../files/file.type.js";
import { SavedViewList } from "../saved-views/saved-view.type.js";
import type { ExportInput } from "./export.input.js";
import { exportLoader } from "./export.loader.js";
import * as service from "./export.service.js";
import { visibleExports } from "./export.store.js";
import { ExportAssetsInput, ExportBuildingsInput, ExportRequestsInput } from "./list-inputs.js";
import { Export, type ExportRow, ExportStatus, toExport } from "./export.type.js";
import { ExportPayload } from "./export-payload.type.js";

const { exportJobs } = listExports;

const { Connection: ExportConnection } = connectionOf(Export);

const ExportFilter = filterInput("ExportFilter", {
  list: enumField("SavedViewList", SavedViewList, exportJobs.list),
  status: enumField("ExportStatus", ExportStatus, exportJobs.status),
});

const ExportOrder = orderByInput<ExportRow, "CREATED_AT">("ExportOrder", {
  CREATED_AT: { column: exportJobs.createdAt, valueOf: (row) => row.createdAt },
});

const errors =
  "Errors: REAUTH_REQUIRED, BAD_USER_INPUT (view, filter, order or columns), FORBIDDEN (a filter that you cannot use), LIMIT_EXCEEDED (20 running exports per user), CONFLICT (idempotency key).";

@Resolver(() => Export)
export class ExportResolver {
  @Query(() => Export, { nullable: true, description: "One of your exports. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(staff)
  export(@Arg("id", () => ID, { description: "ID of the export (`exp_…`)." }) id: string, @Ctx() ctx: Context): Promise<Export> {
    return loadById(ctx, exportLoader, "export", id);
  }

  @Query(() => ExportConnection, { nullable: true, description: "Your exports, newest first by default." })
  @Allow(staff)
  exports(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => ExportFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => ExportOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Export>> {
    return tablePage(ctx, {
      list: "exports",
      args,
      table: exportJobs,
      where: and(visibleExports(ctx.viewer), ExportFilter.toSql(filter)),
      orderBy: ExportOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toExport,
    });
  }

  @FieldResolver(() => File, {
    nullable: true,
    description:
      "The file. Null until the export is completed. Null again when the file has expired, a day later, or when your rights have changed since.",
  })
  @Allow(inherit)
  async file(@Root() { row }: Export, @Ctx() ctx: Context): Promise<File | null> {
    return row.status === "COMPLETED" ? fileLoader(ctx).load(row.fileId) : null;
  }

  @Mutation(() => ExportPayload, { description: `Starts an export of requests to a file. ${errors}` })
  @Allow(allOf(staff, can("request.read")))
  @RequiresRecentLogin()
  exportRequests(
    @Arg("input", () => ExportRequestsInput) input: ExportInput,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<ExportPayload> {
    return service.exportList(ctx, schema, { mutation: "exportRequests", list: "REQUESTS", input });
  }

  @Mutation(() => ExportPayload, { description: `Starts an export of buildings to a file. ${errors}` })
  @Allow(allOf(staff, can("building.read")))
  @RequiresRecentLogin()
  exportBuildings(
    @Arg("input", () => ExportBuildingsInput) input: ExportInput,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<ExportPayload> {
    return service.exportList(ctx, schema, { mutation: "exportBuildings", list: "BUILDINGS", input });
  }

  @Mutation(() => ExportPayload, { description: `Starts an export of assets to a file. ${errors}` })
  @Allow(allOf(staff, can("asset.read")))
  @RequiresRecentLogin()
  exportAssets(
    @Arg("input", () => ExportAssetsInput) input: ExportInput,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<ExportPayload> {
    return service.exportList(ctx, schema, { mutation: "exportAssets", list: "ASSETS", input });
  }

  @Mutation(() => ExportPayload, {
    description:
      "Stops one of your exports and deletes what it has written. An export that has ended stays as it is. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(staff)
  cancelExport(
    @Arg("input", () => VersionedIdInput, { description: "The export (`exp_…`). The version grows as the export progresses." })
    input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ExportPayload> {
    return service.cancelExport(ctx, input);
  }
}

export const exportModule: SubgraphModule = { resolvers: { files: [ExportResolver] } };

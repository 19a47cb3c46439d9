import { listImports } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import { type Context, loadById } from "@weft/api/context";
import { enumField, filterInput, type FilterValue } from "@weft/api/filters";
import { vendorImports } from "@weft/api/imports";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, anyOf, can, canInTenant, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, eq } from "drizzle-orm";
import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, ID, Info, Mutation, Query, Resolver } from "type-graphql";
import { importLoader } from "./import.loader.js";
import * as service from "./import.service.js";
import { visibleImports } from "./import.store.js";
import {
  CreateImportInput,
  StartImportInput,
  Import,
  ImportList,
  ImportProblem,
  type ImportProblemRow,
  type ImportRow,
  ImportStatus,
  toImport,
  toImportProblem,
  ImportPayload,
} from "./import.type.js";

const { importJobs, importProblems } = listImports;

const { Connection: ImportConnection } = connectionOf(Import);
const { Connection: ImportProblemConnection } = connectionOf(ImportProblem);

const ImportFilter = filterInput("ImportFilter", {
  list: enumField("ImportList", ImportList, importJobs.list),
  status: enumField("ImportStatus", ImportStatus, importJobs.status),
});

const ImportOrder = orderByInput<ImportRow, "CREATED_AT">("ImportOrder", {
  CREATED_AT: { column: importJobs.createdAt, valueOf: (row) => row.createdAt },
});

const byLine = {
  name: "LINE",
  direction: "ASC",
  column: importProblems.line,
  valueOf: ({ line }: ImportProblemRow) => String(line),
} as const;

const canImport = allOf(
  staff,
  anyOf(can("request.create"), canInTenant("building.create"), canInTenant("asset.create"), vendorImports.rule),
);

@Resolver(() => Import)
export class ImportResolver {
  @Query(() => Import, { nullable: true, description: "One of your imports. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(staff)
  import(@Arg("id", () => ID, { description: "ID of the import (`imp_…`)." }) id: string, @Ctx() ctx: Context): Promise<Import> {
    return loadById(ctx, importLoader, "import", id);
  }

  @Query(() => ImportConnection, { nullable: true, description: "Your imports, newest first by default." })
  @Allow(staff)
  imports(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => ImportFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => ImportOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Import>> {
    return tablePage(ctx, {
      list: "imports",
      args,
      table: importJobs,
      where: and(visibleImports(ctx.viewer), ImportFilter.toSql(filter)),
      orderBy: ImportOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toImport,
    });
  }

  @Query(() => ImportProblemConnection, {
    nullable: true,
    description: "Problems of the lines of one of your imports, by line. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(staff)
  async importProblems(
    @Arg("importId", () => ID, { description: "ID of the import (`imp_…`)." }) importId: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<ImportProblem>> {
    const id = decodeId("import", importId, "importId");
    await ctx.read((tx) => service.getImport(tx, ctx, id, importId));
    return tablePage(ctx, {
      list: "importProblems",
      args,
      table: importProblems,
      where: eq(importProblems.importId, id),
      orderBy: byLine,
      toNode: toImportProblem,
    });
  }

  @Mutation(() => ImportPayload, {
    description:
      "Creates an import of a CSV file and checks every line, without writing anything. Errors: BAD_USER_INPUT (file, mapping or separator), FORBIDDEN (you cannot create objects of the list), LIMIT_EXCEEDED (5 imports per user are checked or run at a time), CONFLICT (idempotency key).",
  })
  @Allow(canImport)
  createImport(
    @Arg("input", () => CreateImportInput) input: CreateImportInput,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<ImportPayload> {
    return service.createImport(ctx, schema, input);
  }

  @Mutation(() => ImportPayload, {
    description:
      "Starts one of your imports when its lines are checked. Errors: NOT_FOUND, CONFLICT (not `READY`, or another version), BAD_USER_INPUT (the mode is not possible), FORBIDDEN (also for an API key that has not created it), LIMIT_EXCEEDED.",
  })
  @Allow(canImport)
  startImport(@Arg("input", () => StartImportInput) input: StartImportInput, @Ctx() ctx: Context): Promise<ImportPayload> {
    return service.startImport(ctx, input);
  }

  @Mutation(() => ImportPayload, {
    description:
      "Stops one of your imports. What it has imported remains. An import that has ended stays as it is. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(staff)
  cancelImport(
    @Arg("input", () => VersionedIdInput, { description: "The import (`imp_…`). The version grows as the import progresses." })
    input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ImportPayload> {
    return service.cancelImport(ctx, input);
  }
}

export const importModule: SubgraphModule = { resolvers: { files: [ImportResolver] } };

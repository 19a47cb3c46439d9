import { auditExports } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, can, inherit, RequiresRecentLogin, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { ExportAuditEntriesInput } from "./audit-export.input.js";
import { auditExportLoader } from "./audit-export.loader.js";
import { cancelAuditExport, exportAuditEntries, fileOf } from "./audit-export.service.js";
import { visibleExports } from "./audit-export.store.js";
import {
  AuditExport,
  AuditExportConnection,
  AuditExportFile,
  AuditExportPayload,
  type AuditExportRow,
  toAuditExport,
} from "./audit-export.type.js";

const { exportsOfAudit } = auditExports;

@Resolver(() => AuditExport)
export class AuditExportResolver {
  @Query(() => AuditExport, {
    nullable: true,
    description: "One of your exports of the audit trail. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(staff)
  auditExport(@Arg("id", () => ID, { description: "ID of the export (`aex_…`)." }) id: string, @Ctx() ctx: Context): Promise<AuditExport> {
    return loadById(ctx, auditExportLoader, "auditExport", id);
  }

  @Query(() => AuditExportConnection, { nullable: true, description: "Your exports of the audit trail, newest first." })
  @Allow(staff)
  auditExports(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<AuditExport>> {
    return tablePage(ctx, {
      list: "auditExports",
      args,
      table: exportsOfAudit,
      where: visibleExports(ctx.viewer),
      orderBy: { name: "CREATED_AT", direction: "DESC", column: exportsOfAudit.createdAt, valueOf: (row: AuditExportRow) => row.createdAt },
      toNode: toAuditExport,
    });
  }

  @FieldResolver(() => AuditExportFile, {
    nullable: true,
    description:
      "The file. Null until the export is completed. Null again when the file has expired, a day later, or when your rights have changed since.",
  })
  @Allow(inherit)
  file(@Root() { row }: AuditExport, @Ctx() ctx: Context): Promise<AuditExportFile | null> {
    return fileOf(ctx, row);
  }

  @Mutation(() => AuditExportPayload, {
    description:
      "Starts an export of the sealed audit entries to a file, with a proof that `weft audit verify` checks without a server. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (filter or place), LIMIT_EXCEEDED (5 running exports per user), CONFLICT (idempotency key).",
  })
  @Allow(allOf(staff, can("audit.read"), can("audit.export")))
  @RequiresRecentLogin()
  exportAuditEntries(
    @Arg("input", () => ExportAuditEntriesInput) input: ExportAuditEntriesInput,
    @Ctx() ctx: Context,
  ): Promise<AuditExportPayload> {
    return exportAuditEntries(ctx, input);
  }

  @Mutation(() => AuditExportPayload, {
    description:
      "Stops one of your exports of the audit trail and deletes what it has written. An export that has ended stays as it is. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(staff)
  cancelAuditExport(
    @Arg("input", () => VersionedIdInput, { description: "The export (`aex_…`). The version grows as the export progresses." })
    input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<AuditExportPayload> {
    return cancelAuditExport(ctx, input);
  }
}

export const auditExportModule: SubgraphModule = { resolvers: { audit: [AuditExportResolver] } };

import { compliance } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, timeField } from "@weft/api/filters";
import { DeletePayload, IdInput } from "@weft/api/inputs";
import { ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, instanceStub, User, userStub, WorkflowInstance } from "../nodes/entity.type.js";
import { ComplianceReportKind } from "./kinds/kinds.js";
import { deleteComplianceReport } from "./deletion.js";
import { CreateComplianceReportInput } from "./report.input.js";
import { loadFilesOfReport, reportLoader } from "./report.loader.js";
import { scheduleLoader } from "./schedules/schedule.loader.js";
import { ComplianceReportSchedule } from "./schedules/schedule.type.js";
import * as service from "./report.service.js";
import { visibleReports } from "./report.store.js";
import {
  ComplianceReport,
  ComplianceReportConnection,
  ComplianceReportFile,
  ComplianceReportPayload,
  type ComplianceReportRow,
  ComplianceReportStatus,
  File,
  fileStub,
  toComplianceReport,
} from "./report.type.js";

const { complianceReports } = compliance;

const ComplianceReportFilter = filterInput("ComplianceReportFilter", {
  kind: enumField("ComplianceReportKind", ComplianceReportKind, complianceReports.kind, "What it shows."),
  status: enumField("ComplianceReportStatus", ComplianceReportStatus, complianceReports.status, "Status."),
  createdAt: timeField(complianceReports.createdAt, "Creation time."),
});

const ComplianceReportOrder = orderByInput<ComplianceReportRow, "CREATED_AT">("ComplianceReportOrder", {
  CREATED_AT: { column: complianceReports.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => ComplianceReport)
export class ComplianceReportResolver {
  @Query(() => ComplianceReport, { nullable: true, description: "A compliance report. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(canInTenant("complianceReport.read"))
  complianceReport(
    @Arg("id", () => ID, { description: "ID of the report (`cmr_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<ComplianceReport> {
    return loadById(ctx, reportLoader, "complianceReport", id);
  }

  @Query(() => ComplianceReportConnection, {
    nullable: true,
    description: "Compliance reports, newest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("complianceReport.read"))
  complianceReports(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => ComplianceReportFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => ComplianceReportOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<ComplianceReport>> {
    return tablePage(ctx, {
      list: "complianceReports",
      args,
      table: complianceReports,
      where: and(visibleReports(ctx.viewer), ComplianceReportFilter.toSql(filter)),
      orderBy: ComplianceReportOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toComplianceReport,
    });
  }

  @FieldResolver(() => [ComplianceReportFile], { description: "Its files. Empty until the report is completed." })
  @Allow(inherit)
  files(@Root() report: ComplianceReport, @Ctx() ctx: Context): Promise<readonly ComplianceReportFile[]> {
    return loadFilesOfReport(ctx, report.uuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "Creator. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() report: ComplianceReport): EntityStub {
    return userStub(report.createdByUuid);
  }

  @FieldResolver(() => ComplianceReportSchedule, {
    nullable: true,
    description: "Schedule that created it. Null if a user did, and if the schedule was deleted.",
  })
  @Allow(inherit)
  schedule(@Root() { scheduleUuid }: ComplianceReport, @Ctx() ctx: Context): Promise<ComplianceReportSchedule | null> {
    return scheduleUuid === null ? Promise.resolve(null) : scheduleLoader(ctx).load(scheduleUuid);
  }

  @FieldResolver(() => WorkflowInstance, {
    nullable: true,
    description: "Workflow in which it is signed off. Null if there is none, until the report is completed, and if you cannot see it.",
  })
  @Allow(inherit)
  signOff(@Root() { signOffUuid }: ComplianceReport): EntityStub | null {
    return signOffUuid === null ? null : instanceStub(signOffUuid);
  }

  @Mutation(() => ComplianceReportPayload, {
    nullable: true,
    description:
      "Creates a compliance report. A worker makes it, with your rights. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN (permissions that the kind requires), LIMIT_EXCEEDED (10 running reports per user), CONFLICT (idempotency key).",
  })
  @Allow(allOf(canInTenant("complianceReport.read"), canInTenant("complianceReport.create")))
  @RequiresRecentLogin()
  createComplianceReport(
    @Arg("input", () => CreateComplianceReportInput) input: CreateComplianceReportInput,
    @Ctx() ctx: Context,
  ): Promise<ComplianceReportPayload> {
    return service.createComplianceReport(ctx, input);
  }
}

@Resolver(() => ComplianceReport)
export class DeleteComplianceReportResolver {
  @Mutation(() => DeletePayload, {
    nullable: true,
    description:
      "Deletes a compliance report with its files. One that is running is not made. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (it has a sign-off), BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("complianceReport.delete"))
  @RequiresRecentLogin()
  async deleteComplianceReport(
    @Arg("input", () => IdInput, { description: "The report (`cmr_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteComplianceReport(ctx, input);
    return { id: input.id };
  }
}

@Resolver(() => ComplianceReportFile)
export class ComplianceReportFileResolver {
  @FieldResolver(() => File, { nullable: true, description: "The file." })
  @Allow(inherit)
  file(@Root() { fileUuid }: ComplianceReportFile): EntityStub {
    return fileStub(fileUuid);
  }
}

export const complianceReportModule: SubgraphModule = {
  resolvers: { audit: [ComplianceReportResolver, DeleteComplianceReportResolver, ComplianceReportFileResolver] },
};

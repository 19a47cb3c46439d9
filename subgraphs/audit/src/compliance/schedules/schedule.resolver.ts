import { compliance } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import { DeletePayload, IdInput } from "@weft/api/inputs";
import { ConnectionArgs, type Page, tablePage, orderByInput, type OrderByValue } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../../nodes/entity.type.js";
import { CreateComplianceReportScheduleInput } from "./schedule.input.js";
import { createSchedule, deleteSchedule } from "./schedule.service.js";
import { scheduleLoader } from "./schedule.loader.js";
import { visibleSchedules } from "./schedule.store.js";
import {
  ComplianceReportSchedule,
  ComplianceReportScheduleConnection,
  ComplianceReportSchedulePayload,
  type ReportScheduleRow,
  toReportSchedule,
} from "./schedule.type.js";

const { complianceReportSchedules } = compliance;

const ComplianceReportScheduleOrder = orderByInput<ReportScheduleRow, "CREATED_AT">("ComplianceReportScheduleOrder", {
  CREATED_AT: { column: complianceReportSchedules.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => ComplianceReportSchedule)
export class ComplianceReportScheduleResolver {
  @Query(() => ComplianceReportSchedule, {
    nullable: true,
    description: "A schedule of compliance reports. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("complianceReport.read"))
  complianceReportSchedule(
    @Arg("id", () => ID, { description: "ID of the schedule (`cms_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<ComplianceReportSchedule> {
    return loadById(ctx, scheduleLoader, "complianceReportSchedule", id);
  }

  @Query(() => ComplianceReportScheduleConnection, {
    nullable: true,
    description: "Schedules of compliance reports, oldest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("complianceReport.read"))
  complianceReportSchedules(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("orderBy", () => ComplianceReportScheduleOrder.Input, { nullable: true, description: "Sort order." })
    orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<ComplianceReportSchedule>> {
    return tablePage(ctx, {
      list: "complianceReportSchedules",
      args,
      table: complianceReportSchedules,
      where: visibleSchedules(ctx.viewer),
      orderBy: ComplianceReportScheduleOrder.resolve(orderBy, ["CREATED_AT", "ASC"]),
      toNode: toReportSchedule,
    });
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "Creator, in whose name the reports are created. Null if you cannot see the user.",
  })
  @Allow(inherit)
  createdBy(@Root() schedule: ComplianceReportSchedule): EntityStub {
    return userStub(schedule.createdByUuid);
  }

  @Mutation(() => ComplianceReportSchedulePayload, {
    nullable: true,
    description:
      "Creates a schedule of compliance reports, which are created in your name and with the rights that you have then. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN (permissions that the kind requires), LIMIT_EXCEEDED (100 schedules), CONFLICT (idempotency key).",
  })
  @Allow(allOf(canInTenant("complianceReport.read"), canInTenant("complianceReport.create"), inPerson))
  @RequiresRecentLogin()
  async createComplianceReportSchedule(
    @Arg("input", () => CreateComplianceReportScheduleInput) input: CreateComplianceReportScheduleInput,
    @Ctx() ctx: Context,
  ): Promise<ComplianceReportSchedulePayload> {
    return { complianceReportSchedule: toReportSchedule(await createSchedule(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    nullable: true,
    description: "Deletes a schedule of compliance reports. Its reports stay. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("complianceReport.create"))
  async deleteComplianceReportSchedule(
    @Arg("input", () => IdInput, { description: "The schedule (`cms_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteSchedule(ctx, input);
    return { id: input.id };
  }
}

export const complianceReportScheduleModule: SubgraphModule = { resolvers: { audit: [ComplianceReportScheduleResolver] } };

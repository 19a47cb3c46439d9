import { BadUserInput, LimitExceeded, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { named, type Tx } from "@weft/platform/db";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { timeZoneOf } from "@weft/api/periods";
import { sql } from "drizzle-orm";
import { parametersOf } from "../report-parameters.js";
import { assertReadable, formatsOf } from "../report.service.js";
import { getSignOffMachine } from "../sign-off/sign-off.js";
import type { CreateComplianceReportScheduleInput } from "./schedule.input.js";
import { firstTimeOf } from "./planned-times.js";
import { countSchedules, deleteScheduleRow, findSchedules, insertSchedule } from "./schedule.store.js";
import type { ReportScheduleRow } from "./schedule.type.js";

const maxSchedules = 100;
const maxPeriodDays = 400;

/**
 * Creates a schedule of reports, which are created in the name of the viewer and with the rights that the viewer has then.
 * @throws BadUserInput, Forbidden, LimitExceeded (`complianceReportSchedules`), Conflict (idempotency key)
 */
export async function createSchedule(ctx: Context, input: CreateComplianceReportScheduleInput): Promise<ReportScheduleRow> {
  assertReadable(ctx.viewer, input.kind);
  const parameters = parametersOf(input);
  assertTerms(input);
  const timeZone = await timeZoneOf(ctx, input, "input");
  const { tenantId, userId, sessionId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const nextAt = firstTimeOf({ cron: input.cron, timeZone }, await trueNow(tx));
    if (input.requiresSignOff) await getSignOffMachine(tx, tenantId);
    const id = await createOnce(tx, ctx.meta, { mutation: "createComplianceReportSchedule", input }, async () => {
      const used = await countSchedules(tx);
      if (used >= maxSchedules) throw new LimitExceeded({ limit: "complianceReportSchedules", used, allowed: maxSchedules });
      const { name, kind, cron, periodDays, requiresSignOff } = input;
      const values = { tenantId, id: newId(), name, kind, formats: formatsOf(input), parameters: { ...parameters }, periodDays, cron };
      const created = await insertSchedule(tx, { ...values, timeZone, requiresSignOff, nextAt, createdBy: userId, sessionId });
      await record(tx, ctx, "complianceReportSchedule.create", { before: null, after: created });
      return created;
    });
    const [created] = await findSchedules(tx, ctx.viewer, [id]);
    if (!created) throw new NotFound("ComplianceReportSchedule", encodeId("complianceReportSchedule", id));
    return created;
  });
}

/** Deletes a schedule. Its reports stay. @throws NotFound */
export async function deleteSchedule(ctx: Context, input: IdInput): Promise<void> {
  const id = decodeId("complianceReportSchedule", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await deleteScheduleRow(tx, id);
    if (before === null) throw new NotFound("ComplianceReportSchedule", input.id);
    await record(tx, ctx, "complianceReportSchedule.delete", { before, after: null });
  });
}

/** @throws BadUserInput */
function assertTerms({ name, periodDays }: CreateComplianceReportScheduleInput): void {
  const problems = textProblems("input.name", name, { max: 200 });
  if (periodDays < 1 || periodDays > maxPeriodDays)
    problems.push({ path: "input.periodDays", message: `A period has 1 to ${maxPeriodDays} days, not ${periodDays}.` });
  if (problems.length > 0) throw new BadUserInput(problems);
}

async function trueNow(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ now: string }>(named("readTrueNow", sql`select now() as now`));
  return Date.parse(row?.now ?? "");
}

const record = (
  tx: Tx,
  ctx: Context,
  action: string,
  { before, after }: Record<"before" | "after", ReportScheduleRow | null>,
): Promise<void> => {
  const entityId = (after ?? before)?.id ?? "";
  return writeAudit(tx, ctx.meta, [{ action, entityType: "complianceReportSchedule", entityId, before, after }]);
};

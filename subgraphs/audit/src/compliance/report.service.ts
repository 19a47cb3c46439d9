import { readNow } from "@weft/engine";
import { Forbidden, LimitExceeded, NotFound } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { encodeId, newId } from "@weft/shared/ids";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { timeZoneOf } from "@weft/api/periods";
import { type ComplianceReportKind, reportKinds } from "./kinds/kinds.js";
import type { CreateComplianceReportInput, ReportContentInput } from "./report.input.js";
import { periodOfReport } from "./report-period.js";
import { parametersOf } from "./report-parameters.js";
import { getSignOffMachine } from "./sign-off/sign-off.js";
import { countRunningReports, findReports, insertReport } from "./report.store.js";
import { ComplianceReportFormat, type ComplianceReportPayload, toComplianceReport } from "./report.type.js";

/** Reports of one user that wait or run. */
const maxRunning = 10;

/**
 * Creates a compliance report. A worker makes it with the rights that the viewer has then.
 * @throws BadUserInput, Forbidden, LimitExceeded (`runningComplianceReports`), Conflict (idempotency key)
 */
export async function createComplianceReport(ctx: Context, input: CreateComplianceReportInput): Promise<ComplianceReportPayload> {
  assertReadable(ctx.viewer, input.kind);
  const parameters = parametersOf(input);
  const timeZone = await timeZoneOf(ctx, input, "input");
  const { tenantId, userId, sessionId } = ctx.viewer;
  const row = await ctx.inTenant(async (tx) => {
    const period = periodOfReport(input, await readNow(tx));
    if (input.requiresSignOff) await getSignOffMachine(tx, tenantId);
    const id = await createOnce(tx, ctx.meta, { mutation: "createComplianceReport", input }, async () => {
      const used = await countRunningReports(tx, userId);
      if (used >= maxRunning) throw new LimitExceeded({ limit: "runningComplianceReports", used, allowed: maxRunning });
      const created = await insertReport(tx, {
        tenantId,
        id: newId(),
        kind: input.kind,
        formats: formatsOf(input),
        ...period,
        timeZone,
        parameters: { ...parameters },
        requiresSignOff: input.requiresSignOff,
        createdBy: userId,
        sessionId,
      });
      await writeAudit(tx, ctx.meta, [
        { action: "complianceReport.create", entityType: "complianceReport", entityId: created.id, before: null, after: created },
      ]);
      return created;
    });
    const [created] = await findReports(tx, ctx.viewer, [id]);
    if (!created) throw new NotFound("ComplianceReport", encodeId("complianceReport", id));
    return created;
  });
  await wakeWorkers(ctx.services);
  return { complianceReport: toComplianceReport(row) };
}

/** The JSON file comes first, and there always is one. */
export function formatsOf({ formats }: Pick<ReportContentInput, "formats">): ComplianceReportFormat[] {
  const wanted = new Set(formats ?? Object.values(ComplianceReportFormat));
  return Object.values(ComplianceReportFormat).filter((format) => format === "JSON" || wanted.has(format));
}

/** Says at once what the worker would find out. @throws Forbidden */
export function assertReadable(viewer: Viewer, kind: ComplianceReportKind): void {
  const missing = reportKinds[kind].requires.filter((permission) => !reachesAll(viewer, permission));
  if (missing.length > 0) throw new Forbidden(`A report of the kind ${kind} also requires, in scope TENANT: ${missing.join(", ")}.`);
}

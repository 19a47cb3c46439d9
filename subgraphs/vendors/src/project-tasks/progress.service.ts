import { readNow, withoutVendorScope } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { lockPlan } from "./plan.store.js";
import type { ReportProjectTaskProgressInput } from "./progress.input.js";
import { insertReport, type ReportRow, selectReport } from "./progress.store.js";
import { assertActuals, numberProblems, planTimeProblems } from "./project-task-problems.js";
import { getProjectTask } from "./project-task.service.js";
import { type ProjectTaskChanges, type ProjectTaskRow, selectProjectTasks, updateProjectTaskRow } from "./project-task.store.js";

/**
 * Records how far a task is. Of concurrent reports, each is kept, and the last one determines the percentage.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function reportProgress(
  ctx: Context,
  input: ReportProjectTaskProgressInput,
): Promise<{ task: ProjectTaskRow; report: ReportRow }> {
  const id = decodeId("projectTask", input.id, "input.id");
  assertReport(input);
  return ctx.inTenant(async (tx) => {
    const { projectId } = await getProjectTask(tx, ctx, id, "projectTask.report");
    const reportId = await createOnce(tx, ctx.meta, { mutation: "reportProjectTaskProgress", input }, () =>
      // A vendor's user cannot change plans. The task that is theirs was checked above.
      withoutVendorScope(tx, () => writeReport(tx, ctx, { id, projectId }, input)),
    );
    return { task: await getProjectTask(tx, ctx, id, "projectTask.report"), report: await selectReport(tx, reportId) };
  });
}

function assertReport({ percentComplete, workedMinutes, note, startedAt, finishedAt }: ReportProjectTaskProgressInput): void {
  const problems = [
    ...numberProblems("input.percentComplete", percentComplete, 100),
    ...numberProblems("input.workedMinutes", workedMinutes, 100_000),
    ...textProblems("input.note", note, { max: 2000, hasLines: true }),
    ...planTimeProblems("input.startedAt", startedAt),
    ...planTimeProblems("input.finishedAt", finishedAt),
    ...(percentComplete === 0 && typeof startedAt === "string"
      ? [{ path: "input.startedAt", message: "A task at 0 percent has not begun. Omit startedAt." }]
      : []),
    ...(percentComplete < 100 && typeof finishedAt === "string"
      ? [{ path: "input.finishedAt", message: "Only a task at 100 percent has ended. Omit finishedAt." }]
      : []),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}

async function writeReport(
  tx: Tx,
  ctx: Context,
  { id, projectId }: { id: string; projectId: string },
  input: ReportProjectTaskProgressInput,
): Promise<ReportRow> {
  const { percentComplete, workedMinutes, note, expectedVersion } = input;
  await lockPlan(tx, projectId);
  const [before] = await selectProjectTasks(tx, [id]);
  if (before === undefined) throw new Error(`The task ${id} was read but is gone.`);
  const now = await readNow(tx);
  const changes = actualsAfter(before, input, now);
  assertActuals({ ...before, ...changes }, "input.finishedAt");
  const after = await updateProjectTaskRow(tx, id, expectedVersion ?? before.version, {
    ...changes,
    percentComplete,
    actualMinutes: before.actualMinutes + workedMinutes,
  });
  if (after === null) throw changedMeanwhile("projectTask", before.version);
  const report = await insertReport(tx, {
    tenantId: before.tenantId,
    id: newId(),
    taskId: id,
    percentComplete,
    workedMinutes,
    note: note ?? null,
    reportedBy: ctx.meta.actorId,
    reportedAt: now,
  });
  await appendEvents(tx, ctx.meta, [
    {
      type: "projectTask.progress_reported",
      subjectId: id,
      subjectVersion: after.version,
      related: { project: projectId },
      payload: { percentComplete, workedMinutes },
    },
  ]);
  // The note is a person's text, which stays in the report alone.
  await writeAudit(tx, ctx.meta, [{ action: "projectTask.report_progress", entityType: "projectTask", entityId: id, before, after }]);
  return report;
}

/** The first report above 0 begins a task, 100 percent finishes it, and less opens it again. */
function actualsAfter(
  { actualStartAt, actualFinishAt }: ProjectTaskRow,
  { percentComplete, startedAt, finishedAt }: ReportProjectTaskProgressInput,
  now: string,
): ProjectTaskChanges {
  const finish = percentComplete < 100 ? null : (finishedAt ?? actualFinishAt ?? now);
  const start = actualStartAt ?? (percentComplete === 0 ? null : (startedAt ?? earlier(finish, now)));
  return { actualStartAt: start, actualFinishAt: finish };
}

const earlier = (one: string | null, other: string): string => (one !== null && Date.parse(one) < Date.parse(other) ? one : other);

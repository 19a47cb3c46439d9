import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { toMoney } from "../money/money.type.js";
import { getSchedule } from "../project-schedule/planned-project.js";
import { readLockedPlan } from "../project-schedule/planned-project.loader.js";
import { estimatesOf } from "../project-schedule/work-of.js";
import { findScopeInForce } from "../project-scope/scope-version.service.js";
import { keepPlan } from "../project-tasks/plan.service.js";
import { lockPlannedProject } from "../projects/project.service.js";
import type { LockedProject } from "../projects/update-project.service.js";
import { type BaselineRow, insertBaseline, makeCurrent, selectBaseline } from "./baseline.store.js";
import { baselineColumns, type SetProjectBaselineInput } from "./baseline.type.js";
import { snapshotOf } from "./snapshot.js";

/**
 * Takes a snapshot of the plan of a project, or chooses an earlier one. It is the current baseline from then on.
 * @throws NotFound, BadUserInput (neither a name nor a baseline, or both; a plan without a schedule), Conflict (another version of the plan; idempotency key
 * used with different input)
 */
export async function setProjectBaseline(ctx: Context, input: SetProjectBaselineInput): Promise<BaselineRow> {
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const baselineId = decodeIdOrNull("projectBaseline", input.baselineId, "input.baselineId") ?? null;
  const name = input.name ?? null;
  const problems = baselineColumns.textProblems({ name });
  if ((name === null) === (baselineId === null)) problems.push({ path: "input", message: "Provide either a name or a baseline." });
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "setProjectBaseline", input }, async () => {
      const project = await lockPlannedProject(tx, ctx, projectId);
      if (project === null) throw new NotFound("Project", input.projectId);
      return name === null
        ? select(ctx, tx, projectId, baselineId ?? "")
        : create(ctx, tx, project, { name, expected: input.expectedPlanVersion });
    });
    return getBaseline(tx, id);
  });
}

async function create(
  ctx: Context,
  tx: Tx,
  project: LockedProject,
  { name, expected }: { readonly name: string; readonly expected: number | null | undefined },
): Promise<{ id: string }> {
  await keepPlan(tx, project.id);
  const planned = await readLockedPlan(tx, ctx.viewer.tenantId, project.id);
  const planVersion = planned.head.version ?? 0;
  if (typeof expected === "number" && expected !== planVersion) throw changedMeanwhile("project", planVersion);
  const planning = { plan: planned.plan, schedule: getSchedule(planned), estimates: estimatesOf(planned.tasks.values()) };
  const snapshot = snapshotOf(planning, name.trim(), toMoney(project.budgetAmount, project.currency));
  const scopeNumber = (await findScopeInForce(tx, project.id))?.number ?? null;
  const id = await insertBaseline(tx, project.id, ctx.viewer.userId, { ...snapshot, planVersion, scopeNumber });
  const after = await getBaseline(tx, id);
  await recordChange(tx, ctx.meta, { event: { type: "projectBaseline.created", payload: {} }, before: null, after });
  return { id };
}

async function select(ctx: Context, tx: Tx, projectId: string, id: string): Promise<{ id: string }> {
  const before = await selectBaseline(tx, id);
  if (before?.projectId !== projectId) {
    const message = `The project has no baseline with the ID ${encodeId("projectBaseline", id)}.`;
    throw new BadUserInput([{ path: "input.baselineId", message }]);
  }
  if (before.isCurrent) return { id };
  await makeCurrent(tx, before);
  const after = await getBaseline(tx, id);
  await appendEvents(tx, ctx.meta, [{ type: "projectBaseline.selected", subjectId: id, subjectVersion: after.version, payload: {} }]);
  await writeAudit(tx, ctx.meta, [{ action: "projectBaseline.select", entityType: "projectBaseline", entityId: id, before, after }]);
  return { id };
}

async function getBaseline(tx: Tx, id: string): Promise<BaselineRow> {
  const row = await selectBaseline(tx, id);
  if (row === null) throw new Error(`The baseline ${id} was written but cannot be read.`);
  return row;
}

import type { ScopeApplication, ScopeImpactContent, ScopeProposal } from "@weft/drizzle";
import { checkInstanceData, comparePlans, diffDocuments, localDate, PlanError, type ShiftPreview } from "@weft/engine";
import { BadUserInput, Conflict } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { snapshotOf } from "../project-baselines/snapshot.js";
import { assertCurrencyOfCosts } from "../project-costs/cost-currency.service.js";
import { directionOf, getSchedule, type PlannedProject, refusedPlan } from "../project-schedule/planned-project.js";
import { readLockedPlan } from "../project-schedule/planned-project.loader.js";
import { estimatesOf, workOf } from "../project-schedule/work-of.js";
import { toDifference } from "../project-scope/scope-difference.js";
import { readScopeItems } from "../project-scope/scope-item.service.js";
import { contentOf, findScopeInForce } from "../project-scope/scope-version.service.js";
import { keepPlan } from "../project-tasks/plan.service.js";
import type { LockedProject } from "../projects/update-project.service.js";
import { type ChangedPlan, changedPlan } from "./changed-plan.js";
import { changedItems, changedProject } from "./changed-scope.js";

/** What a change would do now: its impact, what its approval writes, and the versions on which both are based. */
export interface ComputedChange {
  readonly impact: ScopeImpactContent;
  readonly application: ScopeApplication;
  readonly baseNumber: number;
  readonly baseProjectVersion: number;
  readonly basePlanVersion: number;
}

/**
 * Computes a change of the scope of a project that the caller has locked. Nothing is written. The plan stays as it is until the transaction ends.
 * @throws Conflict (the scope is not approved), BadUserInput (unknown items or tasks, nothing changes, a budget in another currency than the
 * costs, a plan without a schedule), TransitionRejected (another
 * budget of a project whose workflow has ended)
 */
export async function computeChange(
  ctx: Context,
  tx: Tx,
  { project, proposal, number }: { readonly project: LockedProject; readonly proposal: ScopeProposal; readonly number: number },
): Promise<ComputedChange> {
  const base = await findScopeInForce(tx, project.id);
  if (base === null)
    throw new Conflict("The scope of the project is not approved. Change its items directly, and approve it with approveScope.", {});
  await keepPlan(tx, project.id);
  const planned = await readLockedPlan(tx, ctx.viewer.tenantId, project.id);
  const items = changedItems(await readScopeItems(tx, project.id), proposal);
  const rest = changedProject(project, proposal);
  if (proposal.budget) await assertCurrencyOfCosts(tx, project.id, proposal.budget.currency);
  const changed = changedPlan(planned, proposal);
  const content = contentOf(rest.after, items.after);
  const differences = diffDocuments(base.content, content).map(({ path, before, after }) => toDifference({ path, before, after }));
  if (differences.length + changed.tasks.added.length + changed.tasks.changed.length === 0)
    throw new BadUserInput([
      { path: "input", message: "The proposal changes nothing. Provide at least one item, day, budget, or task that differs." },
    ]);
  if (rest.workflowData) await checkInstanceData(tx, ctx.meta, { id: project.instanceId, patch: rest.workflowData });
  const preview = compared(planned, changed);
  return {
    impact: {
      ...datesOf(planned, changed, preview),
      ...valuesOf(base.content, content),
      ...lastDayOf(planned, content, preview),
      differences,
    },
    application: {
      content,
      items: items.items,
      project: rest.project,
      workflowData: rest.workflowData,
      tasks: changed.tasks,
      baseline: snapshotOf({ ...changed, schedule: preview.schedule }, `Change ${number} of the scope`, content.budget),
    },
    baseNumber: base.number,
    baseProjectVersion: project.version,
    basePlanVersion: planned.head.version ?? 0,
  };
}

/** @throws BadUserInput if one of the plans has no schedule */
function compared(planned: PlannedProject, { plan }: ChangedPlan): ShiftPreview {
  try {
    return comparePlans(planned.plan, plan, { direction: directionOf(planned), before: getSchedule(planned) });
  } catch (error) {
    throw error instanceof PlanError ? refusedPlan(error) : error;
  }
}

type Content = ScopeApplication["content"];

function datesOf(planned: PlannedProject, changed: ChangedPlan, { schedule, shiftedTasks, finish, newViolations }: ShiftPreview) {
  const dates = new Map(schedule.tasks.map((task) => [task.taskId, task]));
  const known = new Set(planned.tasks.keys());
  return {
    startAt: getSchedule(planned).startAt,
    newStartAt: schedule.startAt,
    finishAt: finish.from,
    newFinishAt: finish.to,
    finishByMinutes: finish.byMinutes,
    workMinutes: workOf(planned.plan, estimatesOf(planned.tasks.values())).total,
    newWorkMinutes: workOf(changed.plan, changed.estimates).total,
    shiftedTasks: shiftedTasks.map(({ taskId, from, to, byMinutes }) => ({
      taskId,
      ...from,
      newStartAt: to.startAt,
      newFinishAt: to.finishAt,
      byMinutes,
    })),
    addedTasks: changed.tasks.added.flatMap(({ id, name }) => {
      const found = dates.get(id);
      return found ? [{ name, startAt: found.startAt, finishAt: found.finishAt }] : [];
    }),
    // New tasks do not exist before the approval.
    newViolations: newViolations.filter(({ taskId }) => known.has(taskId)),
  };
}

const valuesOf = (before: Content, after: Content) => ({
  startsOn: before.startsOn,
  newStartsOn: after.startsOn,
  endsOn: before.endsOn,
  newEndsOn: after.endsOn,
  budget: before.budget,
  newBudget: after.budget,
});

const lastDayOf = ({ plan }: PlannedProject, { endsOn }: Content, { finish }: ShiftPreview) => ({
  isAfterLastDay: endsOn !== null && localDate(plan.calendars.standard, finish.to) > endsOn,
});

import { readCalendars, readNow } from "@weft/engine";
import { findLayers, toEffectiveConfig } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { readToday } from "../due-days/today.service.js";
import { findOpenMilestoneDays } from "../milestones/milestone.service.js";
import { loadCostsOfProject } from "../project-costs/project-cost.loader.js";
import { findOpenRiskScores } from "../project-risks/project-risk.service.js";
import { findSchedule, type PlannedProject } from "../project-schedule/planned-project.js";
import { loadReachedPlan } from "../project-schedule/planned-project.loader.js";
import { progressOf } from "../project-schedule/progress-of.js";
import { type HealthFacts, type HealthThresholds, type Reason, reasonsOf } from "./health-rules.js";

/** What was read for many projects together. */
interface Read extends Pick<HealthFacts, "milestones" | "risks" | "today"> {
  readonly now: string;
  readonly thresholds: HealthThresholds;
}

/**
 * Returns why a project that the viewer can see is not green. Null if the permission to see tasks does not reach it. The number of statements does not
 * depend on the number of projects.
 * @param budget in minor units
 */
export async function findHealth(ctx: Context, projectId: string, budget: number | null): Promise<Reason[] | null> {
  const loader = ctx.loader<string, Read>("vendors.projectHealth", (tx, ids) => readFacts(tx, ctx.viewer.tenantId, ids));
  const [planned, costs, read] = await Promise.all([
    loadReachedPlan(ctx, projectId),
    loadCostsOfProject(ctx, projectId),
    loader.load(projectId),
  ]);
  if (planned === null || read === null) return null;
  const { percentComplete } = progressOf(planned);
  const { thresholds, now, ...facts } = read;
  const lateTasks = lateTasksOf(planned, now);
  return reasonsOf({ ...facts, lateTasks, budget, actual: costs?.amount ?? 0, progress: percentComplete }, thresholds);
}

async function readFacts(tx: Tx, tenantId: string, ids: readonly string[]): Promise<Map<string, Read>> {
  const [layers = []] = await findLayers(tx, [{ tenantId, teamId: null }]);
  const thresholds = toEffectiveConfig(layers).projects.health;
  const { standard } = await readCalendars(tx, { tenantId, teamId: null });
  const today = await readToday(tx, standard.timeZone);
  const now = await readNow(tx);
  const milestones = Map.groupBy(await findOpenMilestoneDays(tx, ids), ({ projectId }) => projectId);
  const risks = Map.groupBy(await findOpenRiskScores(tx, ids), ({ projectId }) => projectId);
  return new Map(ids.map((id) => [id, { thresholds, now, today, milestones: milestones.get(id) ?? [], risks: risks.get(id) ?? [] }]));
}

function lateTasksOf(planned: PlannedProject, now: string): HealthFacts["lateTasks"] {
  const critical = findSchedule(planned)?.tasks.filter(({ isCritical, isSummary }) => isCritical && !isSummary) ?? [];
  return critical.flatMap(({ taskId, finishAt, percentComplete }) => {
    const days = Math.floor((Date.parse(now) - Date.parse(finishAt)) / 86_400_000);
    return percentComplete < 100 && days > 0 ? [{ name: planned.tasks.get(taskId)?.name ?? "", days }] : [];
  });
}

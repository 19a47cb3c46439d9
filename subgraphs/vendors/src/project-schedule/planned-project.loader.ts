import { findPlanContents, findPlanHeads, type PlanHead, planKey, readCalendars, withoutVendorScope } from "@weft/engine";
import { isOfVendor } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { LRUCache } from "lru-cache";
import { isProjectReached } from "../projects/project.loader.js";
import { type PlannedProject, plannedProject } from "./planned-project.js";

/** Plans that were read, by tenant, project, name, version of the plan, and calendars. Bounded by the number of their tasks. */
const known = new LRUCache<string, PlannedProject>({ maxSize: 50_000, sizeCalculation: ({ tasks }) => tasks.size + 1 });

/**
 * Loads the plan of a project that the viewer was found to reach, or of which they reach a task. One statement for what is cached, two for the others,
 * however many projects. Null if there is no such project.
 */
export function loadPlannedProject(ctx: Context, projectId: string): Promise<PlannedProject | null> {
  const loader = ctx.loader<string, PlannedProject>("plannedProject", (tx, ids) =>
    // A vendor's user sees the dates of the vendor's tasks, which depend on all others.
    isOfVendor(ctx.viewer)
      ? withoutVendorScope(tx, () => readPlanned(tx, ctx.viewer.tenantId, ids))
      : readPlanned(tx, ctx.viewer.tenantId, ids),
  );
  return loader.load(projectId);
}

/** Reads the plan of a project whose plan the transaction has locked. @throws if there is no such project */
export async function readLockedPlan(tx: Tx, tenantId: string, projectId: string): Promise<PlannedProject> {
  const planned = (await readPlanned(tx, tenantId, [projectId])).get(projectId);
  if (!planned) throw new Error(`The project ${projectId} was locked but cannot be read.`);
  return planned;
}

async function readPlanned(tx: Tx, tenantId: string, ids: readonly string[]): Promise<Map<string, PlannedProject>> {
  const heads = await findPlanHeads(tx, ids);
  const calendars = await readCalendars(tx, { tenantId, teamId: null });
  const keyOf = (head: PlanHead): string => planKey(tenantId, head, calendars);
  const found = new Map(heads.map((head) => [head.id, known.get(keyOf(head))]));
  const missing = heads.filter(({ id }) => found.get(id) === undefined);
  if (missing.length > 0) {
    const missingIds = missing.map(({ id }) => id);
    const contents = new Map((await findPlanContents(tx, missingIds)).map((content) => [content.projectId, content]));
    for (const head of missing) {
      const planned = plannedProject(head, contents.get(head.id), calendars);
      known.set(keyOf(head), planned);
      found.set(head.id, planned);
    }
  }
  return new Map([...found].flatMap(([id, planned]) => (planned ? [[id, planned]] : [])));
}

/** Loads the plan of a project. Null if the viewer's permission to see tasks does not reach the project. */
export const loadReachedPlan = async (ctx: Context, projectId: string): Promise<PlannedProject | null> =>
  (await isProjectReached(ctx, projectId, "projectTask.read")) ? loadPlannedProject(ctx, projectId) : null;

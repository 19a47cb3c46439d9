import { findInstancesBelow, type InstanceBelow, markInstancesDeleted } from "@weft/engine";
import { Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { showDeleted, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { type Decision, findApprovals, findReviews, findWorkflowsAbout, lockDeletedProject, markProject } from "./delete-project.store.js";

import { getWritten } from "./project.service.js";
import type { LockedProject, ProjectRow } from "./project.store.js";
import { assertVersion, getLocked } from "./update-project.service.js";
import { assertNoneRuns } from "../workflows-about.js";

/**
 * Deletes a project that has ended, with its workflow. Ended workflows never change again, so no timer or task is left without its project.
 * @throws NotFound, Conflict (another version, it has not ended, workflows about it run, or a milestone or a change of its scope is not decided yet)
 */
export async function deleteProject(ctx: Context, { id, expectedVersion }: VersionedIdInput): Promise<void> {
  const projectId = decodeId("project", id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getLocked(tx, ctx.viewer, { id: projectId, permission: "project.delete", expectedVersion });
    const { status } = await getWritten(tx, projectId);
    if (status !== "COMPLETED" && status !== "CANCELLED")
      throw new Conflict(`The project ${quote(before.code)} has not ended. Complete or cancel its workflow first.`);
    await showDeleted(tx);
    const below = await findInstancesBelow(tx, [before.instanceId]);
    const running = below.filter(({ hasEnded }) => !hasEnded).length;
    if (running > 0)
      throw new Conflict(
        `The workflow of the project ${quote(before.code)} has started ${running === 1 ? "a workflow" : `${running} workflows`} still running. Cancel what is running first.`,
      );
    const about = await findAbout(tx, before);
    const stillRunning = about.filter(({ hasEnded }) => !hasEnded);
    assertNoneRuns({ kind: "project", code: before.code }, stillRunning.length);
    const [reviews, approvals] = [await findReviews(tx, projectId), await findApprovals(tx, projectId)];
    assertDecided(before, reviews, approvals);
    await markProject(tx, before, ctx.meta.actorId);
    await markBelongings(tx, before, [...below, ...about, ...reviews, ...approvals], true);
    const event = { type: "project.deleted", related: { instance: before.instanceId }, payload: {} } as const;
    await recordChange(tx, ctx.meta, { event, before, after: null });
  });
}

/**
 * Restores a deleted project with everything that it had.
 * @throws NotFound (not deleted, too), Conflict (another version), BadUserInput (another project has its code now)
 */
export async function restoreProject(ctx: Context, { id, expectedVersion }: VersionedIdInput): Promise<ProjectRow> {
  const projectId = decodeId("project", id, "input.id");
  return ctx.inTenant(async (tx) => {
    await showDeleted(tx);
    const before = await lockDeletedProject(tx, ctx.viewer, projectId);
    if (before === null) throw new NotFound("Project", id);
    assertVersion(before, expectedVersion);
    const after = await markProject(tx, before, null);
    const below = await findInstancesBelow(tx, [after.instanceId]);
    const about = await findAbout(tx, after);
    const [reviews, approvals] = [await findReviews(tx, projectId), await findApprovals(tx, projectId)];
    await markBelongings(tx, after, [...below, ...about, ...reviews, ...approvals], false);
    const event = { type: "project.restored", related: { instance: after.instanceId }, payload: {} } as const;
    await recordChange(tx, ctx.meta, { event, before: null, after });
    return getWritten(tx, projectId);
  });
}

/** Returns the workflows about the project in addition to its own, and what these started. */
async function findAbout(tx: Tx, project: LockedProject): Promise<InstanceBelow[]> {
  const about = await findWorkflowsAbout(tx, project);
  if (about.length === 0) return about;
  const below = await findInstancesBelow(
    tx,
    about.map(({ id }) => id),
  );
  return [...about, ...below];
}

/** @throws Conflict if something about the project has not been decided yet */
function assertDecided({ code }: LockedProject, reviews: readonly Decision[], approvals: readonly Decision[]): void {
  const review = reviews.find(({ isOpen }) => isOpen);
  if (review)
    throw new Conflict(`The milestone ${quote(review.about)} of the project ${quote(code)} is in review. Cancel the review first.`);
  const approval = approvals.find(({ isOpen }) => isOpen);
  if (approval)
    throw new Conflict(`Change ${approval.about} of the scope of the project ${quote(code)} is in approval. Withdraw the change first.`);
}

/** Marks the instances of a project, their tasks, and the notifications about these and the project, as the project is. */
function markBelongings(
  tx: Tx,
  { id, instanceId }: LockedProject,
  below: readonly { readonly id: string }[],
  isDeleted: boolean,
): Promise<void> {
  const instanceIds = [instanceId, ...below.map((instance) => instance.id)];
  return markInstancesDeleted(tx, { instanceIds, subjects: sql`select ${id}::uuid`, isDeleted });
}

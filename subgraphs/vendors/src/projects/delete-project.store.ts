import { scope, vendors as tables, workflows } from "@weft/drizzle";
import type { InstanceBelow } from "@weft/engine";
import type { Viewer } from "@weft/shared/viewer";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import { countProjects, type LockedProject, lockProject, selectProjectsSlice, visibleProjects } from "./project.store.js";
import type { ProjectRow } from "./project.store.js";

const { milestones, projects } = tables;
const { scopeChanges } = scope;
const { instances } = workflows;

/** Deleted projects that the viewer can restore. Only a transaction with `showDeleted` finds them. */
const deleted = (viewer: Viewer): SQL | undefined => and(eq(projects.isDeleted, true), visibleProjects(viewer, "project.delete"));

export const listDeletedProjects = (tx: Tx, viewer: Viewer, slice: KeysetSlice): Promise<ProjectRow[]> =>
  selectProjectsSlice(tx, and(deleted(viewer), slice.where), slice);

export const countDeletedProjects = (tx: Tx, viewer: Viewer): Promise<number> => countProjects(tx, deleted(viewer));

/** Locks a deleted project. Null if it is not deleted, or the permission does not reach it. */
export async function lockDeletedProject(tx: Tx, viewer: Viewer, id: string): Promise<LockedProject | null> {
  const project = await lockProject(tx, viewer, id, "project.delete");
  return project?.isDeleted ? project : null;
}

/**
 * Marks a project that the caller has locked as deleted, or as restored.
 * @param deletedBy null to restore it
 * @throws BadUserInput if another project has the code of the restored one now
 */
export async function markProject(tx: Tx, { id, code }: LockedProject, deletedBy: string | null): Promise<LockedProject> {
  const isDeleted = deletedBy !== null;
  const query = tx
    .update(projects)
    .set({ isDeleted, deletedBy, deletedAt: isDeleted ? sql`app.weft_now()` : null, ...nextVersion(projects) })
    .where(eq(projects.id, id))
    .returning();
  const message = `Another project has the code "${code}" now. Change its code with updateProject, and then restore this project.`;
  const row = await writtenRow(named("markProject", query), { projects_code_key: { path: "input.id", message } });
  if (!row) throw new Error("A locked project could not be marked.");
  return row;
}

/** Returns the workflows about a project in addition to its own. Only with `showDeleted`, also those that are deleted. */
export const findWorkflowsAbout = (tx: Tx, { id, instanceId }: LockedProject): Promise<InstanceBelow[]> =>
  named(
    "findWorkflowsAboutProject",
    tx
      .select({ id: instances.id, hasEnded: sql<boolean>`${instances.finishedAt} is not null` })
      .from(instances)
      .where(and(eq(instances.subjectId, id), ne(instances.id, instanceId))),
  );

/** A workflow that decides about a part of a project. */
export interface Decision {
  readonly id: string;
  /** Name of the milestone, or number of the change of the scope. */
  readonly about: string;
  readonly isOpen: boolean;
}

/** Returns the reviews of a project's milestones. Only with `showDeleted`, also those that are deleted. */
export const findReviews = (tx: Tx, projectId: string): Promise<Decision[]> =>
  named(
    "findReviewsOfProject",
    tx
      .select({
        id: instances.id,
        about: milestones.name,
        isOpen: sql<boolean>`${milestones.status} = 'IN_REVIEW' and ${milestones.instanceId} = ${instances.id}`,
      })
      .from(milestones)
      .innerJoin(
        instances,
        and(eq(instances.tenantId, milestones.tenantId), eq(instances.subjectId, milestones.id), eq(instances.subjectType, "milestone")),
      )
      .where(eq(milestones.projectId, projectId)),
  );

/** Returns the approvals of the changes of a project's scope. Only with `showDeleted`, also those that are deleted. */
export const findApprovals = (tx: Tx, projectId: string): Promise<Decision[]> =>
  named(
    "findScopeApprovalsOfProject",
    tx
      .select({
        id: instances.id,
        about: sql<string>`${scopeChanges.number}::text`,
        isOpen: sql<boolean>`${scopeChanges.status} = 'IN_APPROVAL' and ${scopeChanges.instanceId} = ${instances.id}`,
      })
      .from(scopeChanges)
      .innerJoin(
        instances,
        and(
          eq(instances.tenantId, scopeChanges.tenantId),
          eq(instances.subjectId, scopeChanges.id),
          eq(instances.subjectType, "scopeChange"),
        ),
      )
      .where(eq(scopeChanges.projectId, projectId)),
  );

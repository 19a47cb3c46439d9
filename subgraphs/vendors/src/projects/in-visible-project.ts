import { vendors as tables, workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { type AnyColumn, eq, type SQL, sql } from "drizzle-orm";

const { projects } = tables;
const { instanceHeads: heads } = workflows;

/** A table whose rows belong to projects. */
interface PartOfProject {
  readonly tenantId: AnyColumn;
  readonly projectId: AnyColumn;
}

/** Condition that the permission reaches the project of a row. Rows of deleted projects are invisible. */
export const inVisibleProject = ({ tenantId, projectId }: PartOfProject, viewer: Viewer, permission: Permission): SQL =>
  sql`exists (select from ${projects}
    join ${heads} on ${eq(heads.tenantId, projects.tenantId)} and ${eq(heads.id, projects.instanceId)}
    where ${eq(projects.tenantId, tenantId)} and ${eq(projects.id, projectId)} and ${visibleObjects("project", viewer, permission)})`;

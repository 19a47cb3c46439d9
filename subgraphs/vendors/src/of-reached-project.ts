import { vendors, workflows } from "@weft/drizzle";
import { type Permission, type Viewer, visibleObjects } from "@weft/shared";
import { and, type AnyColumn, eq, type SQL, sql } from "drizzle-orm";

const { projects } = vendors;
const { instanceHeads: heads } = workflows;

/** The condition that the viewer's permission reaches the project of a row. */
export const ofReachedProject = (
  viewer: Viewer,
  permission: Permission,
  { tenantId, projectId }: { tenantId: AnyColumn; projectId: AnyColumn },
): SQL =>
  sql`exists (select from ${projects} join ${heads} on ${and(eq(heads.tenantId, projects.tenantId), eq(heads.id, projects.instanceId))}
    where ${and(eq(projects.tenantId, tenantId), eq(projects.id, projectId), visibleObjects("project", viewer, permission))})`;

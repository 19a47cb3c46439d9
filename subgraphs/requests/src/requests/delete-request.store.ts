import { requests as tables, workflows } from "@weft/drizzle";
import { markInstancesDeleted } from "@weft/engine";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { type RequestRow, selectRequests } from "./request.store.js";

const { requests } = tables;
const { instanceHeads } = workflows;

/** Deleted requests that the viewer can restore. Only a transaction with `showDeleted` finds them. */
const deleted = (viewer: Viewer): SQL | undefined => and(eq(requests.isDeleted, true), visibleObjects("request", viewer, "request.delete"));

export async function findDeletedRequest(tx: Tx, viewer: Viewer, id: string): Promise<RequestRow | null> {
  const [row] = await named("findDeletedRequest", selectRequests(tx).where(and(eq(requests.id, id), deleted(viewer))));
  return row ?? null;
}

/** Returns a slice of the deleted requests. */
export const listDeletedRequests = (tx: Tx, viewer: Viewer, slice: KeysetSlice): Promise<RequestRow[]> =>
  named(
    "listDeletedRequests",
    selectRequests(tx)
      .where(and(deleted(viewer), slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

export async function countDeletedRequests(tx: Tx, viewer: Viewer): Promise<number> {
  const query = tx
    .select({ count: sql<number>`count(*)::int` })
    .from(requests)
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)))
    .where(deleted(viewer));
  const [row] = await named("countDeletedRequests", query);
  return row?.count ?? 0;
}

/**
 * Returns the other instances of a request, and whether each has ended: those that its instance started, and those that it had before it was converted
 * to another type.
 */
export async function findFurtherInstances(
  tx: Tx,
  { id, instanceId }: Pick<RequestRow, "id" | "instanceId">,
): Promise<{ readonly id: string; readonly hasEnded: boolean }[]> {
  const rows = await tx.execute<{ id: string; hasEnded: boolean }>(
    named(
      "findFurtherInstances",
      sql`with recursive further (id, has_ended) as (
        (select i.id, i.finished_at is not null from workflows.instances i where i.tenant_id = app.tenant() and i.parent_id = ${instanceId}::uuid
         union all
         select i.id, i.finished_at is not null from requests.former_instances f
           join workflows.instances i on i.tenant_id = f.tenant_id and i.id = f.instance_id
          where f.tenant_id = app.tenant() and f.request_id = ${id}::uuid)
        union all
        select i.id, i.finished_at is not null from further u join workflows.instances i on i.tenant_id = app.tenant() and i.parent_id = u.id
      ) select id, has_ended as "hasEnded" from further`,
    ),
  );
  return [...rows];
}

/**
 * Marks a request as deleted, or as restored.
 * @param deletedBy null to restore it
 * @returns false if another transaction did the same
 */
export async function markRequest(tx: Tx, id: string, deletedBy: string | null): Promise<boolean> {
  const isDeleted = deletedBy !== null;
  const query = tx
    .update(requests)
    .set({ isDeleted, deletedBy, deletedAt: isDeleted ? sql`app.weft_now()` : null })
    .where(and(eq(requests.id, id), eq(requests.isDeleted, !isDeleted)))
    .returning({ id: requests.id });
  return (await named("markRequest", query)).length > 0;
}

interface Belongings {
  readonly requestId: string;
  /** The request's instance and its further ones. */
  readonly instanceIds: readonly string[];
  readonly isDeleted: boolean;
}

/** Marks what belongs to a request as the request is: its instances, their tasks, and the notifications about these, the request, and its comments. */
export function markBelongings(tx: Tx, { requestId, instanceIds, isDeleted }: Belongings): Promise<void> {
  const subjects = sql`select ${requestId}::uuid
    union all select c.id from requests.comments c where c.tenant_id = app.tenant() and c.request_id = ${requestId}::uuid`;
  return markInstancesDeleted(tx, { instanceIds, subjects, isDeleted });
}

import { requests as tables, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { isOfVendor, objectAccessRules, visibleObjects, worksOn } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, type SQL } from "drizzle-orm";

const { requests } = tables;
const { instanceHeads } = workflows;

/** Returns whether the viewer works on a request, and so reads what is internal. */
export const selectIsWorkedOn = (tx: Tx, viewer: Viewer, requestId: string): Promise<boolean> =>
  matches(tx, requestId, worksOn(viewer, "request.read", instanceHeads));

/** Returns those of the requests on which the viewer works, and can write internal comments. */
export async function selectCommentedInternally(tx: Tx, viewer: Viewer, requestIds: readonly string[]): Promise<string[]> {
  const query = selectIds(tx).where(
    and(
      among(requests.id, requestIds),
      visibleObjects("request", viewer, "request.comment"),
      worksOn(viewer, "request.read", instanceHeads),
    ),
  );
  return (await named("selectCommentedInternally", query)).map(({ id }) => id);
}

/**
 * Returns whether another user can see a request. The policies of the transaction are those of the acting user, so the condition for users of a vendor
 * is repeated.
 */
export const selectIsVisibleTo = (tx: Tx, viewer: Viewer, requestId: string): Promise<boolean> =>
  matches(
    tx,
    requestId,
    and(
      visibleObjects("request", viewer, "request.read"),
      isOfVendor(viewer) ? objectAccessRules.request.forVendor(viewer, "request.read") : undefined,
    ),
  );

async function matches(tx: Tx, requestId: string, condition: SQL | undefined): Promise<boolean> {
  const query = selectIds(tx).where(and(eq(requests.id, requestId), condition));
  return (await named("requestMatches", query)).length > 0;
}

const selectIds = (tx: Tx) =>
  tx
    .select({ id: requests.id })
    .from(requests)
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)));

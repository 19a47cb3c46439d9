import { workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { objectAccessRules, visibleObjects } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

export interface RepliedRequest {
  readonly requestId: string;
  /** INTERNAL if a notification of the message is about an internal comment. */
  readonly audience: "INTERNAL" | "PUBLIC";
  /** For public comments: the vendor that the request is assigned to. */
  readonly vendorId: string | null;
}

/**
 * Returns the request that all notifications of a message are about, if the viewer can comment on it. Null if there is none, or if a notification is
 * about a comment that the present vendor of the request cannot read: the vendor could read the answer.
 */
export async function findRepliedRequest(tx: Tx, viewer: Viewer, messageId: string): Promise<RepliedRequest | null> {
  const { from, id } = objectAccessRules.request;
  const rows = await tx.execute<{ request_id: string; is_internal: boolean; vendor_id: string | null }>(
    named(
      "findRepliedRequest",
      sql`with items as (
        select case n.subject_type
            when 'request' then n.subject_id
            when 'requestComment' then (select c.request_id from requests.comments c where c.tenant_id = n.tenant_id and c.id = n.subject_id)
            when 'instance' then (select r.id from requests.requests r where r.tenant_id = n.tenant_id and r.instance_id = n.subject_id)
            when 'task' then (select r.id from workflows.tasks t
              join requests.requests r on r.tenant_id = t.tenant_id and r.instance_id = t.instance_id where t.tenant_id = n.tenant_id and t.id = n.subject_id)
          end as request_id,
          -- Null if it is unknown who may read an answer. Events that are not about comments have no audience.
          case n.subject_type
            when 'requestComment' then (select c.audience = 'INTERNAL' from requests.comments c where c.tenant_id = n.tenant_id and c.id = n.subject_id)
            else (select coalesce(e.payload ->> 'audience' = 'INTERNAL', false) from events.log e where e.tenant_id = n.tenant_id and e.id = n.event_id)
          end as is_internal,
          (select c.vendor_id from requests.comments c where c.tenant_id = n.tenant_id and c.id = case n.subject_type
            when 'requestComment' then n.subject_id
            else (select (e.payload ->> 'requestCommentId')::uuid from events.log e where e.tenant_id = n.tenant_id and e.id = n.event_id)
          end) as vendor_id
        from audit.notification_deliveries d join audit.notifications n on n.tenant_id = d.tenant_id and n.id = d.notification_id
        where d.tenant_id = app.tenant() and d.message_id = ${messageId}::uuid and d.status = 'SENDING'
      ), one as (
        select min(request_id::text)::uuid as request_id, bool_or(is_internal) as is_internal,
          array_agg(vendor_id) filter (where vendor_id is not null) as vendor_ids
        from items
        having count(distinct request_id) = 1 and count(request_id) = count(*) and count(is_internal) = count(*)
      )
      select one.request_id, one.is_internal, seen.vendor_id
        from one cross join lateral (select ${workflows.instanceHeads.assigneeVendorId} as vendor_id from ${from}
          where ${id} = one.request_id and ${visibleObjects("request", viewer, "request.comment")}) seen
       where one.is_internal or one.vendor_ids is null or one.vendor_ids <@ array[seen.vendor_id]`,
    ),
  );
  const [row] = rows;
  if (!row) return null;
  const { request_id: requestId, is_internal: isInternal, vendor_id: vendorId } = row;
  return isInternal ? { requestId, audience: "INTERNAL", vendorId: null } : { requestId, audience: "PUBLIC", vendorId };
}

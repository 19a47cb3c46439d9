/** The search for deliveries of an ordered webhook. */
import { sql, type SQL } from "drizzle-orm";

/** Subjects with waiting deliveries that one search looks at. The next search goes on after them. */
export const SUBJECTS_PER_SEARCH = 256;

/** Subject before the first one. */
export const NIL = "00000000-0000-0000-0000-000000000000";

/**
 * Returns a query of the first waiting deliveries of subjects that are due. It walks the index from subject to subject, from the webhook's last subject
 * on and around, so that its cost depends on the number of subjects it looks at, and not on the deliveries that wait behind their first ones. If it
 * ends before all subjects were looked at, its last row is that of the last subject, without an ID.
 * @param of SQL expressions of the tenant, the webhook, its last subject, and a condition without which there is nothing to find
 */
export function dueHeads(of: { readonly tenant: SQL; readonly webhook: SQL; readonly lastSubject: SQL; readonly onlyIf: SQL }): SQL {
  // The start is a column: in policies of row-level security, an index is not used with expressions such as coalesce.
  const head = (
    isWrapped: SQL,
    condition: SQL,
  ): SQL => sql`(select d.subject_id, ${isWrapped} as is_wrapped, d.id, d.seq, d.next_attempt_at, d.created_at,
      d.next_attempt_at <= now() and (d.lease_until is null or d.lease_until <= now()) as is_due
    from events.webhook_deliveries d
   where d.tenant_id = ${of.tenant} and d.webhook_id = ${of.webhook} and d.status = 'PENDING' and ${condition}
   order by d.subject_id, d.seq limit 1)`;
  return sql`(with recursive heads as (
      select 0 as looked, coalesce(${of.lastSubject}, ${NIL}::uuid) as start, coalesce(${of.lastSubject}, ${NIL}::uuid) as subject_id, false as is_wrapped, null::uuid as id, null::bigint as seq, null::timestamptz as next_attempt_at, null::timestamptz as created_at, false as is_due
       where ${of.onlyIf}
      union all
      select h.looked + 1, h.start, n.subject_id, n.is_wrapped, n.id, n.seq, n.next_attempt_at, n.created_at, n.is_due
        from heads h cross join lateral (
          select * from (
            ${head(sql`h.is_wrapped`, sql`d.subject_id > h.subject_id and (not h.is_wrapped or d.subject_id <= h.start)`)}
            union all
            ${head(sql`true`, sql`not h.is_wrapped and d.subject_id <= h.start`)}) next
           order by next.is_wrapped limit 1) n
       where h.looked < ${SUBJECTS_PER_SEARCH}
    )
    select looked, subject_id, case when is_due then id end as id, seq, next_attempt_at, created_at from heads where is_due or (looked = ${SUBJECTS_PER_SEARCH} and subject_id <> start))`;
}

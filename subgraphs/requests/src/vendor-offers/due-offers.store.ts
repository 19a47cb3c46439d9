/** What a worker reads of offers whose time is over. */
import { requests as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { OfferRow } from "./offer.store.js";

const { vendorOffers } = tables;

/**
 * Returns tenants with due offers, longest waiting first, and when the next offer becomes due. The tenants of sandboxes have clocks of their own and are few:
 * each is looked up. Runs as weft_worker, across all tenants.
 */
export async function findDueTenants(tx: Tx, limit: number): Promise<{ tenants: string[]; next: string | null }> {
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      "findTenantsWithDueOffers",
      sql`with shifted as (
        select t.tenant_id, o.expires_at - t.clock_offset_ms * interval '1 millisecond' as due_at
          from identity.tenants t cross join lateral (
            select o.expires_at from requests.vendor_offers o where o.tenant_id = t.tenant_id and o.status = 'OPEN' order by o.expires_at limit 1) o
         where t.clock_offset_ms <> 0 and t.status = 'ACTIVE'
      ), due as (
        (select o.tenant_id, o.expires_at as due_at from requests.vendor_offers o join identity.tenants t on t.tenant_id = o.tenant_id
          where o.status = 'OPEN' and o.expires_at <= transaction_timestamp() and t.clock_offset_ms = 0 and t.status = 'ACTIVE'
          order by o.expires_at limit 5000)
        union all select tenant_id, due_at from shifted where due_at <= transaction_timestamp()
      ), longest as (
        select tenant_id, min(due_at) as due_at from due group by tenant_id order by 2 limit ${limit}
      )
      select (select array_agg(tenant_id order by due_at) from longest) as tenants, least(
        (select min(expires_at) from requests.vendor_offers where status = 'OPEN' and expires_at > transaction_timestamp()),
        (select min(due_at) from shifted where due_at > transaction_timestamp())) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}

/** Returns when the tenant's first offer is due, in the tenant's time. */
export async function nextDue(tx: Tx): Promise<string | null> {
  const [row] = await tx.execute<{ next: string | null }>(
    named(
      "nextDueOffer",
      sql`select min(expires_at) as next from requests.vendor_offers where tenant_id = app.tenant() and status = 'OPEN'`,
    ),
  );
  return row?.next ?? null;
}

/** Locks the tenant's due offers until commit, longest waiting first, except those that another transaction has locked. */
export function lockDueOffers(tx: Tx, limit: number): Promise<OfferRow[]> {
  const { tenantId, status, expiresAt, id } = vendorOffers;
  const query = tx
    .select()
    .from(vendorOffers)
    .where(and(eq(tenantId, sql`app.tenant()`), sql`${status} = 'OPEN'`, lte(expiresAt, sql`app.weft_now()`)))
    .orderBy(asc(expiresAt), asc(id))
    .limit(limit)
    .for("no key update", { skipLocked: true });
  return named("lockDueOffers", query);
}

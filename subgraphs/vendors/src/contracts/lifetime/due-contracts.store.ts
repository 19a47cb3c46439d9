/** What a worker reads of contracts that are due, and changes. */
import { type ContractContent, vendors as tables } from "@weft/drizzle";
import { insertedRow, named, type Tx } from "@weft/shared";
import { and, asc, eq, getTableColumns, lte, ne, sql } from "drizzle-orm";
import type { ContractRow } from "../contract.store.js";

const { contracts, contractVersions: versions } = tables;

/**
 * Returns tenants with due contracts, longest waiting first, and when the next contract becomes due. The tenants of sandboxes have clocks of their own and
 * are few: each is looked up. Runs as weft_worker, across all tenants.
 */
export async function findDueTenants(tx: Tx, limit: number): Promise<{ tenants: string[]; next: string | null }> {
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      "findTenantsWithDueContracts",
      sql`with shifted as (
        select t.tenant_id, c.due_at - t.clock_offset_ms * interval '1 millisecond' as due_at
          from identity.tenants t cross join lateral (
            select c.due_at from vendors.contracts c where c.tenant_id = t.tenant_id and c.due_at is not null order by c.due_at limit 1) c
         where t.clock_offset_ms <> 0 and t.status = 'ACTIVE'
      ), due as (
        (select c.tenant_id, c.due_at from vendors.contracts c join identity.tenants t on t.tenant_id = c.tenant_id
          where c.due_at <= transaction_timestamp() and t.clock_offset_ms = 0 and t.status = 'ACTIVE' order by c.due_at limit 5000)
        union all select tenant_id, due_at from shifted where due_at <= transaction_timestamp()
      ), longest as (
        select tenant_id, min(due_at) as due_at from due group by tenant_id order by 2 limit ${limit}
      )
      select (select array_agg(tenant_id order by due_at) from longest) as tenants, least(
        (select min(due_at) from vendors.contracts where due_at > transaction_timestamp()),
        (select min(due_at) from shifted where due_at > transaction_timestamp())) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}

/** Returns when the tenant's first contract is due, in the tenant's time. */
export async function nextDue(tx: Tx): Promise<string | null> {
  const [row] = await tx.execute<{ next: string | null }>(
    named("nextDueContract", sql`select min(due_at) as next from vendors.contracts where tenant_id = app.tenant()`),
  );
  return row?.next ?? null;
}

export type DueContract = ContractRow & { content: ContractContent; today: string };

/**
 * Locks the tenant's contracts that are due until commit, longest waiting first, except those that another transaction has locked, with the version in
 * force, and today in the time zone.
 */
export function lockDueContracts(
  tx: Tx,
  { limit, timeZone }: { readonly limit: number; readonly timeZone: string },
): Promise<DueContract[]> {
  const { tenantId, id, dueAt, signedNumber } = contracts;
  const query = tx
    .select({
      ...getTableColumns(contracts),
      content: sql<ContractContent>`(select v.content from vendors.contract_versions v
        where v.tenant_id = ${tenantId} and v.contract_id = ${id} and v.number = ${signedNumber})`,
      today: sql<string>`(app.weft_now() at time zone ${timeZone})::date::text`,
    })
    .from(contracts)
    .where(and(eq(tenantId, sql`app.tenant()`), lte(dueAt, sql`app.weft_now()`)))
    .orderBy(asc(dueAt), asc(id))
    .limit(limit)
    .for("no key update", { skipLocked: true });
  return named("lockDueContracts", query);
}

/** Sets when a worker looks at the contract again: at the beginning of a day in the time zone. Null: never. */
export async function planContract(
  tx: Tx,
  id: string,
  { day, timeZone }: { readonly day: string | null; readonly timeZone: string },
): Promise<void> {
  const dueAt = day === null ? null : sql`${day}::timestamp at time zone ${timeZone}`;
  await named("planContract", tx.update(contracts).set({ dueAt }).where(eq(contracts.id, id)));
}

/**
 * Inserts a signed version after all others. A version that is not signed yet moves behind it, because numbers follow the order of the signatures.
 * Returns its number and hash.
 */
export async function insertSignedVersion(
  tx: Tx,
  contract: Pick<ContractRow, "tenantId" | "id" | "vendorId" | "ownerId">,
  content: ContractContent,
): Promise<{ number: number; hash: string | null }> {
  const ofContract = eq(versions.contractId, contract.id);
  const [newest] = await named(
    "findLastNumberOfContract",
    tx
      .select({ signed: sql<number>`max(${versions.number}) filter (where ${versions.status} = 'SIGNED')` })
      .from(versions)
      .where(ofContract),
  );
  const number = (newest?.signed ?? 0) + 1;
  await named(
    "moveOpenContractVersion",
    tx
      .update(versions)
      .set({ number: number + 1 })
      .where(and(ofContract, ne(versions.status, "SIGNED"))),
  );
  const json = JSON.stringify(content);
  return insertedRow(
    named(
      "insertSignedContractVersion",
      tx
        .insert(versions)
        .values({
          tenantId: contract.tenantId,
          contractId: contract.id,
          number,
          vendorId: contract.vendorId,
          status: "SIGNED",
          content,
          hash: sql`vendors.contract_hash(${contract.id}::uuid, ${number}::integer, ${json}::jsonb)`,
          signedAt: sql`app.weft_now()`,
          createdBy: contract.ownerId,
        })
        .returning({ number: versions.number, hash: versions.hash }),
    ),
  );
}

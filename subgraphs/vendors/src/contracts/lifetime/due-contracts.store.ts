/** What a worker reads of contracts that are due, and changes. */
import { type ContractContent, vendors as tables } from "@weft/drizzle";
import { insertedRow, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, getTableColumns, ne, sql } from "drizzle-orm";
import { beginningOf, isDue, today } from "../../due-days/due-table.js";
import type { ContractRow } from "../contract.store.js";

const { contracts, contractVersions: versions } = tables;

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
      today: today(timeZone),
    })
    .from(contracts)
    .where(isDue(contracts))
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
  await named(
    "planContract",
    tx
      .update(contracts)
      .set({ dueAt: beginningOf(day, timeZone) })
      .where(eq(contracts.id, id)),
  );
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

import { chainHash, entryHash, genesisHash, type StoredEntry, storedEntryColumns } from "@weft/platform/audit";
import type { postgres } from "@weft/pg-driver";
import { PgDialect } from "drizzle-orm/pg-core";

/** Changes the actor of an entry, and rebuilds the chain as an attacker does who owns the database, and knows everything but the signing key. */
export async function rebuildChain(owner: postgres.Sql, tenantId: string, changedSequence: number): Promise<void> {
  await owner`update audit.entries set actor_id = gen_random_uuid() where tenant_id = ${tenantId} and id = (
    select entry_id from audit.seals where tenant_id = ${tenantId} and sequence = ${changedSequence})`;
  await sealAgain(owner, tenantId);
}

/** Swaps the places of two entries, and rebuilds the chain. */
export async function swapEntries(owner: postgres.Sql, tenantId: string, first: number): Promise<void> {
  const seals = await owner<{ sequence: number; entry_id: string }[]>`
    select sequence::int as sequence, entry_id from audit.seals where tenant_id = ${tenantId} and sequence in (${first}, ${first + 1}) order by sequence`;
  const [one, other] = seals;
  if (!one || !other) throw new Error(`The chain has no places ${first} and ${first + 1}.`);
  const put = (sequence: number, entryId: string) =>
    owner`update audit.seals set entry_id = ${entryId} where tenant_id = ${tenantId} and sequence = ${sequence}`;
  // An entry has one seal at any time.
  await put(one.sequence, "00000000-0000-0000-0000-000000000000");
  await put(other.sequence, one.entry_id);
  await put(one.sequence, other.entry_id);
  await sealAgain(owner, tenantId);
}

/** Deletes the newest entries with their seals and checkpoints. */
export async function cutChain(owner: postgres.Sql, tenantId: string, last: number): Promise<void> {
  await owner`delete from audit.entries where tenant_id = ${tenantId} and id in (
    select entry_id from audit.seals where tenant_id = ${tenantId} and sequence > ${last})`;
  await owner`delete from audit.seals where tenant_id = ${tenantId} and sequence > ${last}`;
  await owner`delete from audit.checkpoints where tenant_id = ${tenantId} and sequence > ${last}`;
}

async function sealAgain(owner: postgres.Sql, tenantId: string): Promise<void> {
  const rows = await owner.unsafe<(StoredEntry & { sequence: number })[]>(
    `select s.sequence::int as sequence, ${new PgDialect().sqlToQuery(storedEntryColumns).sql} from audit.seals s
       join audit.entries e on e.tenant_id = s.tenant_id and e.id = s.entry_id where s.tenant_id = $1 order by s.sequence`,
    [tenantId],
  );
  let hash = genesisHash(tenantId);
  for (const { sequence, ...entry } of rows) {
    const hashOfEntry = entryHash(tenantId, entry);
    hash = chainHash(hash, hashOfEntry, sequence);
    await owner`update audit.seals set entry_hash = ${hashOfEntry}, hash = ${hash} where tenant_id = ${tenantId} and sequence = ${sequence}`;
  }
}

import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import { storedEntryColumns } from "./entry-hash.js";
import type { StoredEntry } from "./entry-hash.js";

export type SealedEntryRow = Omit<StoredEntry, "id"> & {
  sequence: string;
  entry_id: string;
  entry_hash: string;
  hash: string;
  /** Null if the entry is gone. */
  id: string | null;
};

/** Finds the last sequence numbers of seals and of checkpoints, in one snapshot. 0 if there are none. */
export async function findChainEnd(tx: Tx): Promise<{ lastSeal: number; lastCheckpoint: number }> {
  const rows = await tx.execute<{ last_seal: string; last_checkpoint: string }>(
    named(
      "findChainEnd",
      sql`select (select coalesce(max(sequence), 0)::text from audit.seals where tenant_id = app.tenant()) as last_seal,
        (select coalesce(max(sequence), 0)::text from audit.checkpoints where tenant_id = app.tenant()) as last_checkpoint`,
    ),
  );
  return { lastSeal: Number(rows[0]?.last_seal ?? 0), lastCheckpoint: Number(rows[0]?.last_checkpoint ?? 0) };
}

/** Finds seals after one sequence number and up to another, with the current contents of their entries. */
export async function findSealedEntries(
  tx: Tx,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<SealedEntryRow[]> {
  const rows = await tx.execute<SealedEntryRow>(
    named(
      "findSealedEntries",
      sql`select s.sequence::text as sequence, s.entry_id::text as entry_id, s.entry_hash, s.hash, ${storedEntryColumns}
      from audit.seals s left join audit.entries e on e.tenant_id = s.tenant_id and e.id = s.entry_id
      where s.tenant_id = app.tenant() and s.sequence > ${after}::bigint and s.sequence <= ${upTo}::bigint order by s.sequence limit ${limit}::int`,
    ),
  );
  return [...rows];
}

export type CheckpointRow = { sequence: string; hash: string; signature: string };

/** Finds checkpoints after one sequence number and up to another. */
export async function findCheckpoints(tx: Tx, after: number, upTo: number): Promise<CheckpointRow[]> {
  const rows = await tx.execute<CheckpointRow>(
    named(
      "findCheckpoints",
      sql`select c.sequence::text as sequence, c.hash, c.signature from audit.checkpoints c
      where c.tenant_id = app.tenant() and c.sequence > ${after}::bigint and c.sequence <= ${upTo}::bigint order by c.sequence`,
    ),
  );
  return [...rows];
}

/** Number of entries that one statement looks up. It takes some hundred milliseconds on a cold disk, well below the statement timeout. */
const UNSEALED_PAGE = 10_000;

/**
 * Counts entries without a seal. `waiting` of them are in the sealer's queue; the others bypassed the writer or lost their seal. Counts page by page,
 * so that the duration of a statement does not depend on the tenant's number of entries.
 */
export async function countUnsealed(tx: Tx, pageSize = UNSEALED_PAGE): Promise<{ unsealed: number; waiting: number }> {
  let [unsealed, waiting] = [0, 0];
  for (let after: string | null = firstId; after !== null;) {
    const page: UnsealedPage | undefined = await readUnsealedPage(tx, after, pageSize);
    unsealed += page?.unsealed ?? 0;
    waiting += page?.waiting ?? 0;
    after = page?.size === pageSize ? page.last : null;
  }
  return { unsealed, waiting };
}

/** Sorts before the ID of any entry. */
const firstId = "00000000-0000-0000-0000-000000000000";

type UnsealedPage = { readonly size: number; readonly last: string | null; readonly unsealed: number; readonly waiting: number };

async function readUnsealedPage(tx: Tx, after: string, limit: number): Promise<UnsealedPage | undefined> {
  const [page] = await tx.execute<UnsealedPage>(
    named(
      "countUnsealed",
      sql`with page as materialized (
        select e.id from audit.entries e where e.tenant_id = app.tenant() and e.id > ${after}::uuid order by e.id limit ${limit}::int
      ), bare as (
        select p.id from page p where not exists (select from audit.seals s where s.tenant_id = app.tenant() and s.entry_id = p.id)
      )
      select (select count(*)::int from page) as size, (select p.id::text from page p order by p.id desc limit 1) as last,
        (select count(*)::int from bare) as unsealed,
        (select count(*)::int from bare b join audit.unsealed u on u.tenant_id = app.tenant() and u.entry_id = b.id) as waiting`,
    ),
  );
  return page;
}

/** Finds the chain's hash at a sequence number. Null if there is no seal. */
export async function findSealHash(tx: Tx, sequence: number): Promise<string | null> {
  const rows = await tx.execute<{ hash: string }>(
    named("findSealHash", sql`select hash from audit.seals where tenant_id = app.tenant() and sequence = ${sequence}::bigint`),
  );
  return rows[0]?.hash ?? null;
}

/** Counts the entries in the sealer's queue, which is short. */
export async function countWaiting(tx: Tx): Promise<{ unsealed: number; waiting: number }> {
  const rows = await tx.execute<{ waiting: string }>(
    named("countWaiting", sql`select count(*)::text as waiting from audit.unsealed where tenant_id = app.tenant()`),
  );
  const waiting = Number(rows[0]?.waiting ?? 0);
  return { unsealed: waiting, waiting };
}

import type { Tx } from "../db/database.js";
import type { CheckpointSigner } from "./checkpoint.js";
import { chainHash, entryHash, genesisHash } from "./entry-hash.js";
import { findLastSeal, findUnsealed, insertSeals, lockChain } from "./seal.store.js";
import type { SealRow } from "./seal.store.js";

/** Maximum number of entries sealed by one transaction, under one checkpoint. */
const BATCH = 500;

/**
 * Chains the tenant's oldest unsealed entries and signs the new head, all in the caller's transaction. Every batch ends with a checkpoint, so a head
 * without one is itself a sign of tampering.
 * @returns the number of sealed entries, whether a stream has something to send now, and the signed head with its place. Null if no entry was waiting.
 */
export async function sealBatch(
  tx: Tx,
  tenantId: string,
  { signer }: { signer: CheckpointSigner },
): Promise<{ sealed: number; isFull: boolean; isStreamed: boolean; sequence: number; signature: string } | null> {
  await lockChain(tx, tenantId);
  const entries = await findUnsealed(tx, BATCH);
  if (entries.length === 0) return null;
  const last = await findLastSeal(tx);
  let sequence = last?.sequence ?? 0;
  let hash = last?.hash ?? genesisHash(tenantId);
  const seals: SealRow[] = [];
  for (const entry of entries) {
    const hashOfEntry = entryHash(tenantId, entry);
    sequence += 1;
    hash = chainHash(hash, hashOfEntry, sequence);
    seals.push({ sequence, entryId: entry.id, entryHash: hashOfEntry, hash, seq: entry.seq });
  }
  const signature = await signer.sign({ tenant: tenantId, sequence, hash });
  const { isStreamed } = await insertSeals(tx, tenantId, seals, { sequence, hash, signature });
  return { sealed: seals.length, isFull: seals.length === BATCH, isStreamed, sequence, signature };
}

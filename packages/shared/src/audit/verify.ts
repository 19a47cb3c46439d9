import type { Tx } from "../db/database.js";
import type { CheckpointSigner } from "./checkpoint.js";
import { chainHash, entryHash, genesisHash } from "./entry-hash.js";
import { countUnsealed, findChainEnd, findCheckpoints, findSealedEntries } from "./verify.store.js";
import type { CheckpointRow, SealedEntryRow } from "./verify.store.js";

const PAGE = 1_000;

/**
 * What is wrong at the first bad place.
 * - ENTRY_CHANGED: the entry is not what was sealed · ENTRY_MISSING: it is gone
 * - SEAL_MISSING: a sequence number, or the end up to a signed checkpoint, is gone · SEAL_CHANGED: the chain does not fit (edited, swapped, rebuilt)
 * - CHECKPOINT_INVALID: a signature is not ours, or signs another chain · CHECKPOINT_MISSING: the head is not signed
 */
export type ChainProblemKind =
  | "ENTRY_CHANGED"
  | "ENTRY_MISSING"
  | "SEAL_MISSING"
  | "SEAL_CHANGED"
  | "CHECKPOINT_INVALID"
  | "CHECKPOINT_MISSING";

export interface ChainProblem {
  readonly kind: ChainProblemKind;
  readonly sequence: number;
  /** UUID; null where no entry is at the place */
  readonly entryId: string | null;
  readonly message: string;
}

export interface ChainReport {
  readonly isValid: boolean;
  /** Entries recomputed and found as they were sealed, up to the first problem. */
  readonly verifiedEntries: number;
  readonly firstProblem: ChainProblem | null;
  /** Entries that no seal covers yet (those of the last second or so). */
  readonly unsealed: number;
  /** The last signed head, to be kept elsewhere; null before the first seal. */
  readonly head: { readonly sequence: number; readonly hash: string; readonly signature: string } | null;
}

/**
 * Recomputes the tenant's chain from the stored rows, in a read transaction. A checkpoint that was kept elsewhere (`knownCheckpoint`,
 * compact JWS) also shows that the newest entries, their seals and checkpoints were deleted together.
 */
export async function verifyChain(
  tx: Tx,
  tenantId: string,
  { signer, knownCheckpoint }: { signer: CheckpointSigner; knownCheckpoint?: string | null },
): Promise<ChainReport> {
  const state: Walk = { tenantId, signer, hash: genesisHash(tenantId), sequence: 0, head: null, known: null };
  let problem: ChainProblem | null = null;
  if (knownCheckpoint) {
    const known = await signer.read(knownCheckpoint);
    if (known?.tenant === tenantId) state.known = { sequence: known.sequence, hash: known.hash };
    else
      problem = problemAt(
        "CHECKPOINT_INVALID",
        known?.sequence ?? 0,
        null,
        "The given checkpoint is not a signed head of this tenant's chain.",
      );
  }
  // The end is fixed first, in one statement: what the sealer adds meanwhile is for the next verification.
  const end = await findChainEnd(tx);
  while (problem === null && state.sequence < end.lastSeal) {
    const rows = await findSealedEntries(tx, { after: state.sequence, upTo: end.lastSeal, limit: PAGE });
    if (rows.length === 0) {
      problem = problemAt("SEAL_MISSING", state.sequence + 1, null, `Seal ${state.sequence + 1} is gone.`);
      break;
    }
    const checkpoints = await findCheckpoints(tx, state.sequence, Number(rows.at(-1)?.sequence));
    problem = await walk(state, rows, new Map(checkpoints.map((checkpoint) => [Number(checkpoint.sequence), checkpoint])));
  }
  problem ??= verifyEnd(state, end.lastCheckpoint);
  const { unsealed, waiting } = await countUnsealed(tx);
  // An entry that neither has a seal nor waits for one never came through the writer, or lost its seal.
  if (problem === null && unsealed > waiting) {
    problem = problemAt("SEAL_MISSING", state.sequence + 1, null, `${unsealed - waiting} entries have no seal and do not wait for one.`);
  }
  return {
    isValid: problem === null,
    verifiedEntries: state.sequence,
    firstProblem: problem,
    unsealed,
    head: problem === null ? state.head : null,
  };
}

interface Walk {
  readonly tenantId: string;
  readonly signer: CheckpointSigner;
  hash: string;
  sequence: number;
  head: ChainReport["head"];
  known: { sequence: number; hash: string } | null;
}

async function walk(
  state: Walk,
  rows: readonly SealedEntryRow[],
  checkpoints: ReadonlyMap<number, CheckpointRow>,
): Promise<ChainProblem | null> {
  for (const row of rows) {
    const sequence = state.sequence + 1;
    if (Number(row.sequence) !== sequence) return problemAt("SEAL_MISSING", sequence, null, `Seal ${sequence} is gone.`);
    if (row.id === null) return problemAt("ENTRY_MISSING", sequence, row.entry_id, `The entry of seal ${sequence} is gone.`);
    const hashOfEntry = entryHash(state.tenantId, { ...row, id: row.id });
    if (hashOfEntry !== row.entry_hash)
      return problemAt("ENTRY_CHANGED", sequence, row.entry_id, `The entry of seal ${sequence} is not what was sealed.`);
    const hash = chainHash(state.hash, hashOfEntry, sequence);
    if (hash !== row.hash)
      return problemAt("SEAL_CHANGED", sequence, row.entry_id, `Seal ${sequence} does not follow from the one before it.`);
    const checkpoint = checkpoints.get(sequence);
    if (checkpoint) {
      const problem = await verifyCheckpoint(state, checkpoint, hash);
      if (problem) return problem;
      state.head = { sequence, hash, signature: checkpoint.signature };
    }
    if (state.known?.sequence === sequence && state.known.hash !== hash) {
      return problemAt("SEAL_CHANGED", sequence, row.entry_id, `Up to seal ${sequence} the chain is not the one of the given checkpoint.`);
    }
    state.hash = hash;
    state.sequence = sequence;
  }
  return null;
}

async function verifyCheckpoint(state: Walk, checkpoint: CheckpointRow, hash: string): Promise<ChainProblem | null> {
  const sequence = Number(checkpoint.sequence);
  const signed = await state.signer.read(checkpoint.signature);
  if (!signed || signed.tenant !== state.tenantId || signed.sequence !== sequence || signed.hash !== checkpoint.hash) {
    return problemAt("CHECKPOINT_INVALID", sequence, null, `The checkpoint at ${sequence} does not bear our signature.`);
  }
  return signed.hash === hash
    ? null
    : problemAt("SEAL_CHANGED", sequence, null, `Up to seal ${sequence} the chain is not the one that its checkpoint signed.`);
}

/** The chain ends where the last checkpoint says, and the given one is not beyond it. */
function verifyEnd(state: Walk, lastCheckpoint: number): ChainProblem | null {
  const signedUpTo = Math.max(lastCheckpoint, state.known?.sequence ?? 0);
  if (signedUpTo > state.sequence) {
    return problemAt(
      "SEAL_MISSING",
      state.sequence + 1,
      null,
      `The chain ends at ${state.sequence}; a checkpoint signs it up to ${signedUpTo}.`,
    );
  }
  if (state.sequence > 0 && state.head?.sequence !== state.sequence) {
    return problemAt("CHECKPOINT_MISSING", state.sequence, null, `The head of the chain, seal ${state.sequence}, is not signed.`);
  }
  return null;
}

const problemAt = (kind: ChainProblemKind, sequence: number, entryId: string | null, message: string): ChainProblem => ({
  kind,
  sequence,
  entryId,
  message,
});

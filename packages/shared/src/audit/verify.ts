import type { Computing } from "../computing/computing.js";
import type { Tx } from "../db/database.js";
import type { Checkpoint, CheckpointSigner } from "./checkpoint.js";
import { chainHash, entryHash, genesisHash } from "./entry-hash.js";
import { countUnsealed, countWaiting, findChainEnd, findCheckpoints, findSealHash, findSealedEntries } from "./verify.store.js";
import type { CheckpointRow, SealedEntryRow } from "./verify.store.js";

/** Entries that are read and hashed at once. Each batch of the sealer has at most as many, so that each page but the last has a checkpoint. */
const PAGE = 500;

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

/** How far a chain was found sound. */
export interface VerifiedPlace {
  readonly sequence: number;
  /** Of the chain, at that place. */
  readonly hash: string;
  /** The last signed head on the way, compact JWS; null before the first. */
  readonly checkpoint: string | null;
}

export interface ChainReport {
  /** No problem was found; of the whole chain when `isComplete`. */
  readonly isValid: boolean;
  /** Whether it came to the end of the chain, or to a problem. */
  readonly isComplete: boolean;
  /** Where it began: entries up to here were verified before. 0: all of them. */
  readonly from: number;
  /** Entries recomputed and found as they were sealed, up to the first problem. */
  readonly verifiedEntries: number;
  /** The end of the chain. */
  readonly total: number;
  readonly firstProblem: ChainProblem | null;
  /** Entries that no seal covers yet (those of the last second or so). */
  readonly unsealed: number;
  /** The last signed head, to be kept elsewhere; null before the first seal. */
  readonly head: { readonly sequence: number; readonly hash: string; readonly signature: string } | null;
  /** Where a later verification can go on. */
  readonly place: VerifiedPlace;
}

export interface ChainVerification {
  readonly signer: CheckpointSigner;
  /** A checkpoint that was kept elsewhere (compact JWS): shows also that the newest entries, their seals and checkpoints were deleted together. */
  readonly knownCheckpoint?: string | null;
  /** Where an earlier verification came to. What lies before is not read again: only that the chain still has the hash there. */
  readonly from?: VerifiedPlace | null;
  /** What lies before `from` was recomputed by this same verification: at the end it is looked up whether each entry has a seal. */
  readonly isPartOfWhole?: boolean;
  /** Entries that are recomputed at most; the report of an earlier end is not complete. */
  readonly maxEntries?: number;
  /** Whose turns it hashes in. */
  readonly computing: Pick<Computing, "run">;
}

/** Recomputes the tenant's chain from the stored rows, in a read transaction. */
export async function verifyChain(tx: Tx, tenantId: string, verification: ChainVerification): Promise<ChainReport> {
  const { signer, knownCheckpoint = null, from = null, isPartOfWhole = false, maxEntries = Infinity, computing } = verification;
  const walk = await begin(tenantId, signer, from);
  const start = walk.sequence;
  let problem = (await checkStart(tx, walk)) ?? (knownCheckpoint === null ? null : await checkKnown(tx, walk, signer, knownCheckpoint));
  // The end is fixed first, in one statement: what the sealer adds meanwhile is for the next verification.
  const end = await findChainEnd(tx);
  while (problem === null && walk.sequence < end.lastSeal && walk.sequence - start < maxEntries) {
    const page = await readPage(tx, signer, { after: walk.sequence, upTo: end.lastSeal });
    problem =
      page.rows.length === 0
        ? problemAt("SEAL_MISSING", walk.sequence + 1, null, `Seal ${walk.sequence + 1} is gone.`)
        : await computing.run(() => follow(walk, page));
  }
  const isAtEnd = problem === null && walk.sequence >= end.lastSeal;
  if (isAtEnd) problem = verifyEnd(walk, end.lastCheckpoint);
  // Goes through all entries: not for a verification that is to be short.
  const isWhole = isAtEnd && (start === 0 || isPartOfWhole);
  const { unsealed, waiting } = isWhole ? await countUnsealed(tx) : await countWaiting(tx);
  // An entry that neither has a seal nor waits for one never came through the writer, or lost its seal.
  if (problem === null && unsealed > waiting) {
    problem = problemAt("SEAL_MISSING", walk.sequence + 1, null, `${unsealed - waiting} entries have no seal and do not wait for one.`);
  }
  return {
    isValid: problem === null,
    isComplete: isAtEnd || problem !== null,
    from: start,
    verifiedEntries: walk.sequence - start,
    total: end.lastSeal,
    firstProblem: problem,
    unsealed,
    head: problem === null ? walk.head : null,
    place: { sequence: walk.sequence, hash: walk.hash, checkpoint: walk.head?.signature ?? null },
  };
}

/** The place of a signed head; null when the signature is not ours or signs the chain of another tenant. */
export async function placeOfCheckpoint(signer: CheckpointSigner, tenantId: string, checkpoint: string): Promise<VerifiedPlace | null> {
  const signed = await signer.read(checkpoint);
  return signed?.tenant === tenantId ? { sequence: signed.sequence, hash: signed.hash, checkpoint } : null;
}

interface Walk {
  readonly tenantId: string;
  hash: string;
  sequence: number;
  head: ChainReport["head"];
  known: { sequence: number; hash: string } | null;
}

/** `signed`: what the signature says; null when it is not ours. */
type ReadCheckpoint = CheckpointRow & { readonly signed: Checkpoint | null };

interface Page {
  readonly rows: readonly SealedEntryRow[];
  /** By their places. */
  readonly checkpoints: ReadonlyMap<number, ReadCheckpoint>;
}

async function begin(tenantId: string, signer: CheckpointSigner, from: VerifiedPlace | null): Promise<Walk> {
  const walk: Walk = { tenantId, hash: genesisHash(tenantId), sequence: 0, head: null, known: null };
  if (!from || from.sequence === 0) return walk;
  const head = from.checkpoint === null ? null : await placeOfCheckpoint(signer, tenantId, from.checkpoint);
  return {
    ...walk,
    hash: from.hash,
    sequence: from.sequence,
    head: head && from.checkpoint !== null ? { sequence: head.sequence, hash: head.hash, signature: from.checkpoint } : null,
  };
}

/** The chain still is what it was where the verification begins. */
async function checkStart(tx: Tx, { sequence, hash }: Walk): Promise<ChainProblem | null> {
  if (sequence === 0) return null;
  const seal = await findSealHash(tx, sequence);
  if (seal === null)
    return problemAt("SEAL_MISSING", sequence, null, `Seal ${sequence}, up to which the chain was verified before, is gone.`);
  return seal === hash
    ? null
    : problemAt("SEAL_CHANGED", sequence, null, `Up to seal ${sequence} the chain is not the one that was verified before.`);
}

async function checkKnown(tx: Tx, walk: Walk, signer: CheckpointSigner, checkpoint: string): Promise<ChainProblem | null> {
  const known = await signer.read(checkpoint);
  if (known?.tenant !== walk.tenantId) {
    const message = "The given checkpoint is not a signed head of this tenant's chain.";
    return problemAt("CHECKPOINT_INVALID", known?.sequence ?? 0, null, message);
  }
  if (known.sequence > walk.sequence) walk.known = { sequence: known.sequence, hash: known.hash };
  else if ((await findSealHash(tx, known.sequence)) !== known.hash) return isNotOfKnown(known.sequence, null);
  return null;
}

async function readPage(tx: Tx, signer: CheckpointSigner, { after, upTo }: { after: number; upTo: number }): Promise<Page> {
  const rows = await findSealedEntries(tx, { after, upTo, limit: PAGE });
  const found = rows.length === 0 ? [] : await findCheckpoints(tx, after, Number(rows.at(-1)?.sequence));
  const checkpoints = new Map<number, ReadCheckpoint>();
  for (const row of found) checkpoints.set(Number(row.sequence), { ...row, signed: await signer.read(row.signature) });
  return { rows, checkpoints };
}

function follow(walk: Walk, { rows, checkpoints }: Page): ChainProblem | null {
  for (const row of rows) {
    const sequence = walk.sequence + 1;
    if (Number(row.sequence) !== sequence) return problemAt("SEAL_MISSING", sequence, null, `Seal ${sequence} is gone.`);
    if (row.id === null) return problemAt("ENTRY_MISSING", sequence, row.entry_id, `The entry of seal ${sequence} is gone.`);
    const hashOfEntry = entryHash(walk.tenantId, { ...row, id: row.id });
    if (hashOfEntry !== row.entry_hash)
      return problemAt("ENTRY_CHANGED", sequence, row.entry_id, `The entry of seal ${sequence} is not what was sealed.`);
    const hash = chainHash(walk.hash, hashOfEntry, sequence);
    if (hash !== row.hash)
      return problemAt("SEAL_CHANGED", sequence, row.entry_id, `Seal ${sequence} does not follow from the one before it.`);
    const checkpoint = checkpoints.get(sequence);
    if (checkpoint) {
      const problem = verifyCheckpoint(walk.tenantId, checkpoint, hash);
      if (problem) return problem;
      walk.head = { sequence, hash, signature: checkpoint.signature };
    }
    if (walk.known?.sequence === sequence && walk.known.hash !== hash) return isNotOfKnown(sequence, row.entry_id);
    walk.hash = hash;
    walk.sequence = sequence;
  }
  return null;
}

function verifyCheckpoint(tenantId: string, { sequence: at, hash: stored, signed }: ReadCheckpoint, hash: string): ChainProblem | null {
  const sequence = Number(at);
  if (!signed || signed.tenant !== tenantId || signed.sequence !== sequence || signed.hash !== stored) {
    return problemAt("CHECKPOINT_INVALID", sequence, null, `The checkpoint at ${sequence} does not bear our signature.`);
  }
  return signed.hash === hash
    ? null
    : problemAt("SEAL_CHANGED", sequence, null, `Up to seal ${sequence} the chain is not the one that its checkpoint signed.`);
}

/** The chain ends where the last checkpoint says, and the given one is not beyond it. */
function verifyEnd(walk: Walk, lastCheckpoint: number): ChainProblem | null {
  const signedUpTo = Math.max(lastCheckpoint, walk.known?.sequence ?? 0);
  if (signedUpTo > walk.sequence) {
    return problemAt(
      "SEAL_MISSING",
      walk.sequence + 1,
      null,
      `The chain ends at ${walk.sequence}; a checkpoint signs it up to ${signedUpTo}.`,
    );
  }
  if (walk.sequence > 0 && walk.head?.sequence !== walk.sequence) {
    return problemAt("CHECKPOINT_MISSING", walk.sequence, null, `The head of the chain, seal ${walk.sequence}, is not signed.`);
  }
  return null;
}

const isNotOfKnown = (sequence: number, entryId: string | null): ChainProblem =>
  problemAt("SEAL_CHANGED", sequence, entryId, `Up to seal ${sequence} the chain is not the one of the given checkpoint.`);

const problemAt = (kind: ChainProblemKind, sequence: number, entryId: string | null, message: string): ChainProblem => ({
  kind,
  sequence,
  entryId,
  message,
});

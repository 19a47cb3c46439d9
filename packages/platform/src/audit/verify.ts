import type { Computing } from "../computing/computing.js";
import type { Tx } from "../db/database.js";
import type { Checkpoint, CheckpointSigner } from "./checkpoint.js";
import { chainHash, entryHash, genesisHash } from "./entry-hash.js";
import { countUnsealed, countWaiting, findChainEnd, findCheckpoints, findSealHash, findSealedEntries } from "./verify.store.js";
import type { CheckpointRow, SealedEntryRow } from "./verify.store.js";

/** Number of entries that are read and hashed at once. The sealer's batches are at most as large, so every page but the last contains a checkpoint. */
const PAGE = 500;

/**
 * The kind of problem at the first invalid position.
 * - ENTRY_CHANGED: the entry differs from what was sealed · ENTRY_MISSING: the entry is gone
 * - SEAL_MISSING: a sequence number, or the end up to a signed checkpoint, is gone · SEAL_CHANGED: the chain does not match (edited, swapped,
 *   rebuilt)
 * - CHECKPOINT_INVALID: a signature is not Weft's, or signs another chain · CHECKPOINT_MISSING: the head is not signed
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
  /** UUID. Null if there is no entry at the position. */
  readonly entryId: string | null;
  readonly message: string;
}

/** Position up to which a chain was verified. */
export interface VerifiedPlace {
  readonly sequence: number;
  /** Hash of the chain at that position. */
  readonly hash: string;
  /** The last signed head up to that position, a compact JWS. Null before the first one. */
  readonly checkpoint: string | null;
}

export interface ChainReport {
  /** Whether no problem was found. Applies to the whole chain if `isComplete`. */
  readonly isValid: boolean;
  /** Whether the verification reached the end of the chain, or found a problem. */
  readonly isComplete: boolean;
  /** Sequence number at which the verification started: entries up to it were verified before. 0 if it covers all entries. */
  readonly from: number;
  /** Number of entries that were recomputed and match their seals, up to the first problem. */
  readonly verifiedEntries: number;
  /** Sequence number of the chain's end. */
  readonly total: number;
  readonly firstProblem: ChainProblem | null;
  /** Number of entries without a seal (usually those of about the last second). */
  readonly unsealed: number;
  /** The last signed head, to be stored elsewhere. Null before the first seal. */
  readonly head: { readonly sequence: number; readonly hash: string; readonly signature: string } | null;
  /** Position at which a later verification can continue. */
  readonly place: VerifiedPlace;
}

export interface ChainVerification {
  readonly signer: CheckpointSigner;
  /**
   * A checkpoint that was stored elsewhere (compact JWS). It also reveals if the newest entries were deleted together with their seals and
   * checkpoints.
   */
  readonly knownCheckpoint?: string | null;
  /** Position that an earlier verification reached. Entries before it are not read again; only the chain's hash at the position is checked. */
  readonly from?: VerifiedPlace | null;
  /** Whether the entries before `from` were recomputed by the same verification. If so, it checks at the end whether each entry has a seal. */
  readonly isPartOfWhole?: boolean;
  /** Maximum number of entries to recompute. If the verification stops there before the end, its report is not complete. */
  readonly maxEntries?: number;
  /** Provides the turns in which entries are hashed. */
  readonly computing: Pick<Computing, "run">;
}

/** Recomputes the tenant's chain from the stored rows, in a read transaction. */
export async function verifyChain(tx: Tx, tenantId: string, verification: ChainVerification): Promise<ChainReport> {
  const { signer, knownCheckpoint = null, from = null, isPartOfWhole = false, maxEntries = Infinity, computing } = verification;
  const walk = await begin(tenantId, signer, from);
  const start = walk.sequence;
  let problem = (await checkStart(tx, walk)) ?? (knownCheckpoint === null ? null : await checkKnown(tx, walk, signer, knownCheckpoint));
  // The end is determined first, with one statement. Entries that the sealer adds meanwhile are left to the next verification.
  const end = await findChainEnd(tx);
  while (problem === null && walk.sequence < end.lastSeal && walk.sequence - start < maxEntries) {
    const page = await readPage(tx, signer, { after: walk.sequence, upTo: end.lastSeal });
    problem =
      page.rows.length === 0
        ? problemAt("SEAL_MISSING", walk.sequence + 1, null, `Seal ${walk.sequence + 1} is missing.`)
        : await computing.run(() => follow(walk, page));
  }
  const isAtEnd = problem === null && walk.sequence >= end.lastSeal;
  if (isAtEnd) problem = verifyEnd(walk, end.lastCheckpoint);
  // Reads all entries, so it is skipped in a verification that should be short.
  const isWhole = isAtEnd && (start === 0 || isPartOfWhole);
  const { unsealed, waiting } = isWhole ? await countUnsealed(tx) : await countWaiting(tx);
  // An entry that neither has a seal nor waits for one bypassed the writer, or lost its seal.
  if (problem === null && unsealed > waiting) {
    problem = problemAt("SEAL_MISSING", walk.sequence + 1, null, `${unsealed - waiting} entries have no seal and are not waiting for one.`);
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

/** Returns the position of a signed head. Null if the signature is not Weft's or signs the chain of another tenant. */
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

/** `signed`: the signed contents. Null if the signature is not Weft's. */
type ReadCheckpoint = CheckpointRow & { readonly signed: Checkpoint | null };

interface Page {
  readonly rows: readonly SealedEntryRow[];
  /** Checkpoints by sequence number. */
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

/** Checks that the chain is unchanged at the position where the verification starts. */
async function checkStart(tx: Tx, { sequence, hash }: Walk): Promise<ChainProblem | null> {
  if (sequence === 0) return null;
  const seal = await findSealHash(tx, sequence);
  if (seal === null)
    return problemAt("SEAL_MISSING", sequence, null, `Seal ${sequence}, up to which the chain was verified before, is missing.`);
  return seal === hash
    ? null
    : problemAt("SEAL_CHANGED", sequence, null, `The chain up to seal ${sequence} differs from the one that was verified before.`);
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
    if (Number(row.sequence) !== sequence) return problemAt("SEAL_MISSING", sequence, null, `Seal ${sequence} is missing.`);
    if (row.id === null) return problemAt("ENTRY_MISSING", sequence, row.entry_id, `The entry of seal ${sequence} is missing.`);
    const hashOfEntry = entryHash(walk.tenantId, { ...row, id: row.id });
    if (hashOfEntry !== row.entry_hash)
      return problemAt("ENTRY_CHANGED", sequence, row.entry_id, `The entry of seal ${sequence} differs from what was sealed.`);
    const hash = chainHash(walk.hash, hashOfEntry, sequence);
    if (hash !== row.hash)
      return problemAt("SEAL_CHANGED", sequence, row.entry_id, `Seal ${sequence} does not follow from the previous seal.`);
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
    return problemAt("CHECKPOINT_INVALID", sequence, null, `The signature of the checkpoint at ${sequence} is invalid.`);
  }
  return signed.hash === hash
    ? null
    : problemAt("SEAL_CHANGED", sequence, null, `The chain up to seal ${sequence} differs from the one that its checkpoint signed.`);
}

/** Checks that the chain does not end before the last checkpoint or the given one. */
function verifyEnd(walk: Walk, lastCheckpoint: number): ChainProblem | null {
  const signedUpTo = Math.max(lastCheckpoint, walk.known?.sequence ?? 0);
  if (signedUpTo > walk.sequence) {
    return problemAt(
      "SEAL_MISSING",
      walk.sequence + 1,
      null,
      `The chain ends at ${walk.sequence}, but a checkpoint signs it up to ${signedUpTo}.`,
    );
  }
  if (walk.sequence > 0 && walk.head?.sequence !== walk.sequence) {
    return problemAt("CHECKPOINT_MISSING", walk.sequence, null, `The head of the chain, seal ${walk.sequence}, is not signed.`);
  }
  return null;
}

const isNotOfKnown = (sequence: number, entryId: string | null): ChainProblem =>
  problemAt("SEAL_CHANGED", sequence, entryId, `The chain up to seal ${sequence} differs from the one of the given checkpoint.`);

const problemAt = (kind: ChainProblemKind, sequence: number, entryId: string | null, message: string): ChainProblem => ({
  kind,
  sequence,
  entryId,
  message,
});

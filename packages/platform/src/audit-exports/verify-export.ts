import type { JWK } from "jose";
import { encodeId } from "@weft/shared/ids";
import { checkpointKind, type Checkpoint } from "../audit/checkpoint.js";
import { readerOf } from "../audit/signed-text.js";
import { checkpointsIn, KeptHeads } from "./kept-heads.js";
import type { ExportProblem, ExportProblemKind } from "./export-problem.js";
import { BlockHasher, type FileHashes } from "./hash-blocks.js";
import { type ExportProof, readProof } from "./proof.js";
import { readRows, type ReadRow } from "./read-rows.js";
import { RowChecker } from "./check-row.js";

export interface ExportReport {
  readonly isValid: boolean;
  readonly firstProblem: ExportProblem | null;
  /** What was signed. Null if the proof is not valid. */
  readonly proof: ExportProof | null;
  /** Number of entries that were checked, up to the first problem. */
  readonly verifiedEntries: number;
  /** The last place of the chain at which it was compared with a head that was kept, and agrees. Null if there is none. */
  readonly agreesUpTo: number | null;
}

export interface ExportToVerify {
  /** Opens the file. Called twice: for its bytes, and for its entries. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** The proof of the export, a compact JWS. */
  readonly proof: string;
  /** Public keys that are known to be those of the installation. */
  readonly keys: readonly JWK[];
  /** A signed head of the chain that was kept outside Weft, a compact JWS. */
  readonly checkpoint?: string | null;
  /** Texts with any number of signed heads, such as lines of files in which they were kept. Those of other organizations are not used. */
  readonly checkpoints?: Iterable<string> | AsyncIterable<string> | null;
  /** The organization whose export is expected (`ten_…`). Null: any organization. */
  readonly organization?: string | null;
}

/** Checks an export without a server: the signature, the bytes of the file, each entry, and the chain of the entries. Names the first bad place. */
export async function verifyExport(toVerify: ExportToVerify): Promise<ExportReport> {
  const { open, proof: jws, keys, organization = null } = toVerify;
  const proof = await readProof(keys, jws);
  const refused = (firstProblem: ExportProblem): ExportReport => ({
    isValid: false,
    firstProblem,
    proof,
    verifiedEntries: 0,
    agreesUpTo: null,
  });
  if (proof === null) return refused(general("PROOF_INVALID", "The proof is not signed by any of the given keys."));
  if (organization !== null && organizationOf(proof) !== organization)
    return refused(
      general("ORGANIZATION_DIFFERS", `The export is one of the organization ${organizationOf(proof)}, not of ${organization}.`),
    );
  const readCheckpoint = readerOf(keys, checkpointKind);
  const kept = new KeptHeads();
  const unreadable = await addKept(kept, toVerify, proof, readCheckpoint);
  if (unreadable !== null) return refused(unreadable);
  const damage = firstDamage(proof, await hashesOf(open(), proof.blockSize));
  const rows = await checkRows({ proof, kept, damage, readCheckpoint }, readRows(proof.format, open()));
  const firstProblem = firstOf(rows, damage) ?? notCovered(proof, kept);
  return {
    isValid: firstProblem === null,
    firstProblem,
    proof,
    verifiedEntries: rows.verified,
    agreesUpTo: kept.agreesUpTo === 0 ? null : kept.agreesUpTo,
  };
}

type ReadCheckpoint = (jws: string) => Promise<Checkpoint | null>;

/** Reads the heads that were kept. Returns what is wrong with them. */
async function addKept(
  kept: KeptHeads,
  { checkpoint = null, checkpoints = null }: ExportToVerify,
  { tenant }: ExportProof,
  readCheckpoint: ReadCheckpoint,
): Promise<ExportProblem | null> {
  if (checkpoint !== null) {
    const known = await readCheckpoint(checkpoint.trim());
    if (known?.tenant !== tenant)
      return general("CHECKPOINT_INVALID", "The given checkpoint is not a signed head of the chain of the organization that was exported.");
    kept.add(known);
  }
  for await (const text of checkpoints ?? [])
    for (const found of checkpointsIn(text, tenant)) {
      const known = await readCheckpoint(found);
      if (known === null)
        return general("CHECKPOINT_INVALID", `A checkpoint that was kept is not signed by any of the given keys: ${found.slice(-20)}.`);
      kept.add(known);
    }
  return checkpoints !== null && kept.isEmpty
    ? general("CHECKPOINT_NOT_COVERED", "None of the checkpoints that were kept is one of the organization that was exported.")
    : null;
}

/** Returns the ID of the organization that was exported. */
export const organizationOf = ({ tenant }: ExportProof): string => encodeId("tenant", tenant);

async function hashesOf(source: AsyncIterable<Uint8Array>, bytesOfBlock: number): Promise<FileHashes> {
  const hasher = new BlockHasher(bytesOfBlock);
  for await (const bytes of source) hasher.update(bytes);
  return hasher.end();
}

/** A range of bytes that are not those that were signed. */
interface Damage {
  readonly start: number;
  readonly end: number;
}

/** Returns the first block that differs. Null if the file is the one that was signed. */
function firstDamage({ blocks, blockSize, sha256, size }: ExportProof, found: FileHashes): Damage | null {
  const count = Math.max(blocks.length, found.blocks.length);
  for (let at = 0; at < count; at++)
    if (blocks[at] !== found.blocks[at]) return { start: at * blockSize, end: Math.min((at + 1) * blockSize, Math.max(size, found.size)) };
  // Nothing but a proof that contradicts itself gets here.
  return sha256 === found.sha256 && size === found.size ? null : { start: 0, end: found.size };
}

interface RowsToCheck {
  readonly proof: ExportProof;
  readonly kept: KeptHeads;
  readonly damage: Damage | null;
  readonly readCheckpoint: ReadCheckpoint;
}

interface CheckedRows {
  readonly problem: ExportProblem | null;
  /** First byte of the entry with the problem. */
  readonly start: number;
  /** Entries in the damaged bytes, first and last number. Null if there is none. */
  readonly damaged: readonly [number, number] | null;
  readonly verified: number;
}

async function checkRows({ proof, kept, damage, readCheckpoint }: RowsToCheck, rows: AsyncIterable<ReadRow>): Promise<CheckedRows> {
  const checker = new RowChecker({ proof, kept, readCheckpoint });
  let [number, end] = [0, 0];
  let damaged: readonly [number, number] | null = null;
  for await (const found of rows) {
    number += 1;
    if (damage && found.start < damage.end && found.end > damage.start) damaged = [damaged?.[0] ?? number, number];
    const problem = await checker.check(found.row, number);
    if (problem) return { problem, start: found.start, damaged, verified: number - 1 };
    end = found.end;
  }
  return { problem: checker.end(number), start: end, damaged, verified: number };
}

/** The problem of an entry is told rather than that of the bytes around it, unless other bytes before it are damaged. */
function firstOf({ problem, start, damaged }: CheckedRows, damage: Damage | null): ExportProblem | null {
  if (damage === null || (problem !== null && start < damage.end)) return problem;
  const entries = damaged === null ? "" : `, with the entries ${damaged[0]} to ${damaged[1]} of the file`;
  const message = `Bytes ${damage.start} to ${damage.end} of the file${entries}, differ from what was signed.`;
  return { kind: "FILE_CHANGED", sequence: null, row: damaged?.[0] ?? null, message };
}

function notCovered({ after, upTo, isWhole }: ExportProof, kept: KeptHeads): ExportProblem | null {
  if (kept.isEmpty || kept.isCompared) return null;
  return general(
    "CHECKPOINT_NOT_COVERED",
    `The newest checkpoint that was kept signs the chain up to ${kept.newest}, and the export does not contain that place. It has entries after ${after.sequence} and up to ${upTo.sequence}${isWhole ? "" : ", and not all of them"}. Export all entries from a place before the checkpoint, without a filter.`,
  );
}

const general = (kind: ExportProblemKind, message: string): ExportProblem => ({ kind, sequence: null, row: null, message });

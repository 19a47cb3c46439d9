import type { JWK } from "jose";
import { encodeId } from "@weft/shared/ids";
import { checkpointKind, type Checkpoint } from "../audit/checkpoint.js";
import { readerOf } from "../audit/signed-text.js";
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
  /** The organization whose export is expected (`ten_…`). Null: any organization. */
  readonly organization?: string | null;
}

/** Checks an export without a server: the signature, the bytes of the file, each entry, and the chain of the entries. Names the first bad place. */
export async function verifyExport({
  open,
  proof: jws,
  keys,
  checkpoint: kept = null,
  organization = null,
}: ExportToVerify): Promise<ExportReport> {
  const proof = await readProof(keys, jws);
  const refused = (firstProblem: ExportProblem): ExportReport => ({ isValid: false, firstProblem, proof, verifiedEntries: 0 });
  if (proof === null) return refused(general("PROOF_INVALID", "The proof is not signed by any of the given keys."));
  if (organization !== null && organizationOf(proof) !== organization)
    return refused(
      general("ORGANIZATION_DIFFERS", `The export is one of the organization ${organizationOf(proof)}, not of ${organization}.`),
    );
  const readCheckpoint = readerOf(keys, checkpointKind);
  const known = kept === null ? null : await readCheckpoint(kept.trim());
  if (kept !== null && known?.tenant !== proof.tenant)
    return refused(
      general("CHECKPOINT_INVALID", "The given checkpoint is not a signed head of the chain of the organization that was exported."),
    );
  const damage = firstDamage(proof, await hashesOf(open(), proof.blockSize));
  const rows = await checkRows({ proof, known, damage, readCheckpoint }, readRows(proof.format, open()));
  const firstProblem = firstOf(rows, damage) ?? notCovered(proof, known, rows);
  return { isValid: firstProblem === null, firstProblem, proof, verifiedEntries: rows.verified };
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
  readonly known: Checkpoint | null;
  readonly damage: Damage | null;
  readonly readCheckpoint: (jws: string) => Promise<Checkpoint | null>;
}

interface CheckedRows {
  readonly problem: ExportProblem | null;
  /** First byte of the entry with the problem. */
  readonly start: number;
  /** Entries in the damaged bytes, first and last number. Null if there is none. */
  readonly damaged: readonly [number, number] | null;
  readonly verified: number;
  /** Whether the chain was compared with the checkpoint that was kept. */
  readonly isCompared: boolean;
}

async function checkRows({ proof, known, damage, readCheckpoint }: RowsToCheck, rows: AsyncIterable<ReadRow>): Promise<CheckedRows> {
  const checker = new RowChecker({ proof, known, readCheckpoint });
  let [number, end] = [0, 0];
  let damaged: readonly [number, number] | null = null;
  for await (const found of rows) {
    number += 1;
    if (damage && found.start < damage.end && found.end > damage.start) damaged = [damaged?.[0] ?? number, number];
    const problem = await checker.check(found.row, number);
    if (problem) return { problem, start: found.start, damaged, verified: number - 1, isCompared: checker.isCompared };
    end = found.end;
  }
  return { problem: checker.end(number), start: end, damaged, verified: number, isCompared: checker.isCompared };
}

/** The problem of an entry is told rather than that of the bytes around it, unless other bytes before it are damaged. */
function firstOf({ problem, start, damaged }: CheckedRows, damage: Damage | null): ExportProblem | null {
  if (damage === null || (problem !== null && start < damage.end)) return problem;
  const entries = damaged === null ? "" : `, with the entries ${damaged[0]} to ${damaged[1]} of the file`;
  const message = `Bytes ${damage.start} to ${damage.end} of the file${entries}, differ from what was signed.`;
  return { kind: "FILE_CHANGED", sequence: null, row: damaged?.[0] ?? null, message };
}

function notCovered(proof: ExportProof, known: Checkpoint | null, { isCompared }: CheckedRows): ExportProblem | null {
  if (known === null || isCompared) return null;
  const { after, upTo } = proof;
  return general(
    "CHECKPOINT_NOT_COVERED",
    `The checkpoint signs the chain up to ${known.sequence}, and the export does not contain that place. It has entries after ${after.sequence} and up to ${upTo.sequence}${proof.isWhole ? "" : ", and not all of them"}. Export all entries from a place before the checkpoint, without a filter.`,
  );
}

const general = (kind: ExportProblemKind, message: string): ExportProblem => ({ kind, sequence: null, row: null, message });

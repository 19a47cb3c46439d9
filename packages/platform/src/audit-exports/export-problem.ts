import type { ChainProblemKind } from "../audit/verify.js";

/**
 * The kind of the first problem. In addition to those of a chain:
 * - PROOF_INVALID: the proof is not signed by the given keys · ORGANIZATION_DIFFERS: the export is one of another organization than the expected one
 * - FILE_CHANGED: bytes of the file differ from those that were signed
 * - ROW_UNREADABLE: an entry cannot be read · ROW_CHANGED: what people read of an entry differs from what was sealed
 * - CHECKPOINT_NOT_COVERED: the export does not contain the place of the given checkpoint
 */
export type ExportProblemKind =
  | ChainProblemKind
  | "PROOF_INVALID"
  | "ORGANIZATION_DIFFERS"
  | "FILE_CHANGED"
  | "ROW_UNREADABLE"
  | "ROW_CHANGED"
  | "CHECKPOINT_NOT_COVERED";

export interface ExportProblem {
  readonly kind: ExportProblemKind;
  /** Place in the chain. Null if the problem is not one of an entry. */
  readonly sequence: number | null;
  /** Number of the entry in the file, from 1. Null if the problem is not one of an entry. */
  readonly row: number | null;
  readonly message: string;
}

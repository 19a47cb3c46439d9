import type { JWK } from "jose";
import { z } from "zod";
import { type CheckpointKeys, readerOf, type SignedKind, signerOf } from "../audit/signed-text.js";
import { auditExportFormats } from "./exported-row.js";

const hash = z.string().length(64);
const place = z.strictObject({ sequence: z.int().nonnegative(), hash });

const payload = z.strictObject({
  /** UUID. */
  tenant: z.uuid(),
  /** ID of the export (`aex_…`). */
  export: z.string(),
  format: z.enum(auditExportFormats),
  exportedAt: z.iso.datetime(),
  /** Place in the chain before the first entry that the export can contain, and place of the last one. */
  after: place,
  upTo: place,
  /** Whether every entry between the two places is in the file: no filter, and a user who can read all entries. */
  isWhole: z.boolean(),
  /** The filter, as the client wrote it. */
  filter: z.record(z.string(), z.unknown()).nullable(),
  /** Number of entries in the file. */
  entries: z.int().nonnegative(),
  /** Bytes of the file, and the SHA-256 (hex) of all of them. */
  size: z.int().nonnegative(),
  sha256: hash,
  blockSize: z.int().positive(),
  /** SHA-256 (base64url) of each block of `blockSize` bytes. They show where a file was changed. */
  blocks: z.array(z.string().length(43)),
});

/** What the audit key signs for an export: which part of the chain the file contains, and what its bytes are. */
export type ExportProof = z.infer<typeof payload>;

const exportProofKind: SignedKind<ExportProof> = { type: "weft-audit-export+jws", payload };

/** Signs the proof of an export. Returns a compact JWS (EdDSA). */
export const signProof = async (keys: CheckpointKeys, proof: ExportProof): Promise<string> =>
  (await signerOf(keys, exportProofKind))(proof);

/** Reads the proof of an export. Null if none of the keys signed it. */
export const readProof = (keys: readonly JWK[], jws: string): Promise<ExportProof | null> => readerOf(keys, exportProofKind)(jws.trim());

import { z } from "zod";
import { type CheckpointKeys, publicCheckpointKeys, readerOf, type SignedKind, signerOf } from "./signed-text.js";

const payload = z.strictObject({ tenant: z.uuid(), sequence: z.int().positive(), hash: z.string().length(64) });

/** A signed head of a tenant's chain: the hash of everything up to `sequence` when it was signed. */
export type Checkpoint = z.infer<typeof payload>;

/** Signed heads, as one of the kinds of signed texts. */
export const checkpointKind: SignedKind<Checkpoint> = { type: "weft-checkpoint+jws", payload };

/** Signs and reads checkpoints. */
export interface CheckpointSigner {
  /** Returns a compact JWS (EdDSA). */
  sign(checkpoint: Checkpoint): Promise<string>;
  /** Null if the signature is not Weft's or the text is not a checkpoint. */
  read(jws: string): Promise<Checkpoint | null>;
}

export const checkpointSigner = async (keys: CheckpointKeys): Promise<CheckpointSigner> => ({
  sign: await signerOf(keys, checkpointKind),
  read: readerOf(publicCheckpointKeys(keys), checkpointKind),
});

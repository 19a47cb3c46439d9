import { CompactSign, compactVerify, createLocalJWKSet, decodeProtectedHeader, importJWK } from "jose";
import type { JWK } from "jose";
import { z } from "zod";

const type = "weft-checkpoint+jws";
const payloadSchema = z.strictObject({ tenant: z.uuid(), sequence: z.int().positive(), hash: z.string().length(64) });

/** A signed head of a tenant's chain: the hash of everything up to `sequence` when it was signed. */
export type Checkpoint = z.infer<typeof payloadSchema>;

/** Ed25519 keys as JWK. `previous`: public keys that can still verify. */
export interface CheckpointKeys {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly previous?: readonly JWK[];
}

/** Signs and reads checkpoints. */
export interface CheckpointSigner {
  /** Returns a compact JWS (EdDSA). */
  sign(checkpoint: Checkpoint): Promise<string>;
  /** Null if the signature is not Weft's or the text is not a checkpoint. */
  read(jws: string): Promise<Checkpoint | null>;
}

export async function checkpointSigner(keys: CheckpointKeys): Promise<CheckpointSigner> {
  const privateKey = await importJWK(keys.privateJwk, "EdDSA");
  const { d: _secret, ...publicJwk } = keys.privateJwk;
  const known = createLocalJWKSet({ keys: [{ ...publicJwk, kid: keys.kid, alg: "EdDSA" }, ...(keys.previous ?? [])] });
  return {
    sign: (checkpoint) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(checkpoint)))
        .setProtectedHeader({ alg: "EdDSA", kid: keys.kid, typ: type })
        .sign(privateKey),
    read: async (jws) => {
      try {
        if (decodeProtectedHeader(jws).typ !== type) return null;
        const { payload } = await compactVerify(jws, known, { algorithms: ["EdDSA"] });
        return payloadSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
      } catch {
        return null;
      }
    },
  };
}

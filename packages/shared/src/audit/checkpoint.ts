import { CompactSign, compactVerify, createLocalJWKSet, decodeProtectedHeader, importJWK } from "jose";
import type { JWK } from "jose";
import { z } from "zod";

const type = "weft-checkpoint+jws";
const payloadSchema = z.strictObject({ tenant: z.uuid(), sequence: z.int().positive(), hash: z.string().length(64) });

/** A head of a tenant's chain: everything up to `sequence` had this hash when it was signed. */
export type Checkpoint = z.infer<typeof payloadSchema>;

/** Ed25519 keys as JWK. `previous` are public keys that still verify. */
export interface CheckpointKeys {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly previous?: readonly JWK[];
}

/** Signs and reads checkpoints. */
export interface CheckpointSigner {
  /** Compact JWS (EdDSA) */
  sign(checkpoint: Checkpoint): Promise<string>;
  /** null when the signature is not ours or the text is no checkpoint. */
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

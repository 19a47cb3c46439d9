import { CompactSign, compactVerify, createLocalJWKSet, decodeProtectedHeader, importJWK } from "jose";
import type { JWK } from "jose";
import type { z } from "zod";

/** A kind of text that the audit key signs. The type in the signature's header keeps one kind from passing for another. */
export interface SignedKind<T> {
  readonly type: string;
  readonly payload: z.ZodType<T>;
}

/** Ed25519 keys as JWK. `previous`: public keys that can still verify. */
export interface CheckpointKeys {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly previous?: readonly JWK[];
}

/** Returns a function that signs a kind of text: it returns a compact JWS (EdDSA). */
export async function signerOf<T>({ kid, privateJwk }: CheckpointKeys, { type }: SignedKind<T>): Promise<(payload: T) => Promise<string>> {
  const privateKey = await importJWK(privateJwk, "EdDSA");
  return (payload) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: "EdDSA", kid, typ: type })
      .sign(privateKey);
}

/** Returns a function that reads a kind of signed text with public keys. Null if none of them signed it, or it is another kind of text. */
export function readerOf<T>(keys: readonly JWK[], { type, payload: schema }: SignedKind<T>): (jws: string) => Promise<T | null> {
  const known = createLocalJWKSet({ keys: [...keys] });
  return async (jws) => {
    try {
      if (decodeProtectedHeader(jws).typ !== type) return null;
      const { payload } = await compactVerify(jws, known, { algorithms: ["EdDSA"] });
      return schema.parse(JSON.parse(new TextDecoder().decode(payload)));
    } catch {
      return null;
    }
  };
}

/** Returns the public keys with which checkpoints and exports of the audit trail can be verified. */
export function publicCheckpointKeys({ kid, privateJwk, previous = [] }: CheckpointKeys): JWK[] {
  const { d: _secret, ...publicJwk } = privateJwk;
  return [{ ...publicJwk, kid, alg: "EdDSA" }, ...previous];
}

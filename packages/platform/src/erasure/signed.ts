import { CompactSign, compactVerify, decodeProtectedHeader, importJWK } from "jose";
import type { CheckpointKeys } from "../audit/signed-text.js";

/** The key of the audit checkpoints (EdDSA). Whoever has the public key can check a signature without the database. */
export type ErasureKeys = Pick<CheckpointKeys, "kid" | "privateJwk">;

const types = { receipt: "weft-erasure+jws", entry: "weft-erased-person+jws", list: "weft-erased-people+jws" } as const;

/** Signs the receipt of an erasure, an entry of the list of erased people, or the marker of that list, as a compact JWS. */
export async function signErasure({ kid, privateJwk }: ErasureKeys, type: keyof typeof types, payload: object): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "EdDSA", kid, typ: types[type] })
    .sign(await importJWK(privateJwk, "EdDSA"));
}

/** Returns what was signed. @throws Error if the signature is of another key, or of something else */
export async function readSigned({ privateJwk }: ErasureKeys, type: keyof typeof types, jws: string): Promise<unknown> {
  const { d: _secret, ...publicJwk } = privateJwk;
  const { payload } = await compactVerify(jws, await importJWK(publicJwk, "EdDSA"), { algorithms: ["EdDSA"] });
  if (decodeProtectedHeader(jws).typ !== types[type]) throw new Error(`It is not a signed ${type}.`);
  return JSON.parse(new TextDecoder().decode(payload));
}

import { CompactSign, importJWK } from "jose";
import type { CheckpointKeys } from "../audit/checkpoint.js";

/**
 * Signs the receipt of an erasure with the key of the audit checkpoints (EdDSA), as a compact JWS. Whoever has the public key can check it without the
 * database.
 */
export async function signReceipt({ kid, privateJwk }: Pick<CheckpointKeys, "kid" | "privateJwk">, receipt: object): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(receipt)))
    .setProtectedHeader({ alg: "EdDSA", kid, typ: "weft-erasure+jws" })
    .sign(await importJWK(privateJwk, "EdDSA"));
}

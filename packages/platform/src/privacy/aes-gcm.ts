import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

const nonceBytes = 12;

/** Encrypts with AES-256-GCM. Returns nonce (12 bytes), tag (16 bytes) and ciphertext as base64url. */
export const encrypt = (key: Uint8Array, additional: Buffer, plain: Buffer): string =>
  encryptWith(key, randomBytes(nonceBytes), additional, plain);

/**
 * Encrypts as `encrypt`, but always to the same ciphertext, so that whoever has the key can look for it. The nonce is a MAC of what is encrypted, as in
 * AES-SIV: the same nonce never encrypts two different texts. Whoever does not have the key sees which texts are equal, and nothing else.
 */
export function encryptAlike(key: Uint8Array, additional: Buffer, plain: Buffer): string {
  const nonceKey = createHmac("sha256", key).update("weft nonce 1").digest();
  const nonce = createHmac("sha256", nonceKey).update(`${additional.length}\0`).update(additional).update(plain).digest();
  return encryptWith(key, nonce.subarray(0, nonceBytes), additional, plain);
}

function encryptWith(key: Uint8Array, nonce: Uint8Array, additional: Buffer, plain: Buffer): string {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(additional);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
}

/** Returns null if the text was changed, copied from another place, or encrypted with another key. */
export function decrypt(key: Uint8Array, additional: Buffer, text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < 28) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(additional);
  decipher.setAuthTag(bytes.subarray(12, 28));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  } catch {
    return null;
  }
}

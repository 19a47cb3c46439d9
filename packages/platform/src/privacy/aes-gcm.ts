import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Encrypts with AES-256-GCM. Returns nonce (12 bytes), tag (16 bytes) and ciphertext as base64url. */
export function encrypt(key: Uint8Array, additional: Buffer, plain: Buffer): string {
  const nonce = randomBytes(12);
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

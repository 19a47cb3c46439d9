/** Encryption of web push messages (RFC 8291, with the content coding of RFC 8188). */
import { createCipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";

/** Keys that a browser creates for its subscription. */
export interface SubscriptionKeys {
  /** Public key on P-256, uncompressed (65 bytes), base64url. */
  readonly p256dh: string;
  /** Shared secret (16 bytes), base64url. */
  readonly auth: string;
}

const RECORD_SIZE = 4096;
/** The most bytes of a message: one record, less its header, its padding delimiter and its tag. Push services accept no more. */
export const MAX_PUSH_BYTES = 3_993;

const derived = (key: Uint8Array, salt: Uint8Array, info: Uint8Array | string, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, length));

/** Encrypts a message for one browser. The keys are used once. */
export function encryptPush(message: Buffer, { p256dh, auth }: SubscriptionKeys): Buffer {
  if (message.length > MAX_PUSH_BYTES)
    throw new RangeError(`The message has ${message.length} bytes. At most ${MAX_PUSH_BYTES} are allowed.`);
  const theirKey = Buffer.from(p256dh, "base64url");
  const own = createECDH("prime256v1");
  const ownKey = own.generateKeys();
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), theirKey, ownKey]);
  const secret = derived(own.computeSecret(theirKey), Buffer.from(auth, "base64url"), info, 32);
  const salt = randomBytes(16);
  const cipher = createCipheriv(
    "aes-128-gcm",
    derived(secret, salt, "Content-Encoding: aes128gcm\0", 16),
    derived(secret, salt, "Content-Encoding: nonce\0", 12),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32BE(RECORD_SIZE);
  const lastRecord = Buffer.from([2]);
  return Buffer.concat([
    salt,
    size,
    Buffer.from([ownKey.length]),
    ownKey,
    cipher.update(Buffer.concat([message, lastRecord])),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** Returns whether the keys can be used: a point on the curve, and a secret of 16 bytes. */
export function areKeysValid({ p256dh, auth }: SubscriptionKeys): boolean {
  const key = Buffer.from(p256dh, "base64url");
  if (key.length !== 65 || Buffer.from(auth, "base64url").length !== 16) return false;
  const own = createECDH("prime256v1");
  own.generateKeys();
  try {
    own.computeSecret(key);
    return true;
  } catch {
    return false;
  }
}

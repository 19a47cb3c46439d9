import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { bytesToUuid, uuidToBytes } from "../tokens/row-token.js";

const UUID_BYTES = 16;
const KEY_BYTES = 8;
const MAC_BYTES = 10;
const TOTAL_BYTES = UUID_BYTES + KEY_BYTES + MAC_BYTES;
const TOKEN_CHARS = Math.ceil((TOTAL_BYTES * 8) / 5);
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const PREFIX = "reply+";

/** A row of `reply_addresses`. */
export interface ReplyRef {
  /** UUID */
  readonly tenantId: string;
  readonly key: string;
}

export const newReplyKey = (): string => randomBytes(KEY_BYTES).toString("hex");

/**
 * Returns the local part of a reply address: `reply+`, and base32 of the tenant's ID, the key, and 80 bits of their HMAC-SHA256. Mail programs and
 * servers may change the case, and allow 64 characters: it has 61, in lower case. Forged addresses are rejected without a query.
 */
export function replyLocalPart(secret: Uint8Array, { tenantId, key }: ReplyRef): string {
  const body = Buffer.concat([uuidToBytes(tenantId), Buffer.from(key, "hex")]);
  return PREFIX + toBase32(Buffer.concat([body, macOf(secret, body)]));
}

/** Returns the row of a local part in any case. Null if this installation did not issue it. */
export function readReplyLocalPart(secret: Uint8Array, localPart: string): ReplyRef | null {
  const given = localPart.toLowerCase();
  if (given.length !== PREFIX.length + TOKEN_CHARS || !given.startsWith(PREFIX)) return null;
  const token = given.slice(PREFIX.length);
  const bytes = fromBase32(token);
  // The last character has unused bits. Only the canonical encoding is valid.
  if (bytes === null || toBase32(bytes) !== token) return null;
  const body = bytes.subarray(0, UUID_BYTES + KEY_BYTES);
  if (!timingSafeEqual(macOf(secret, body), bytes.subarray(UUID_BYTES + KEY_BYTES))) return null;
  return { tenantId: bytesToUuid(body.subarray(0, UUID_BYTES)), key: body.subarray(UUID_BYTES).toString("hex") };
}

const macOf = (secret: Uint8Array, body: Uint8Array): Buffer =>
  createHmac("sha256", secret).update("weft reply address 1\0").update(body).digest().subarray(0, MAC_BYTES);

function toBase32(bytes: Uint8Array): string {
  let [text, held, bits] = ["", 0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}

function fromBase32(text: string): Buffer | null {
  const bytes: number[] = [];
  let [held, bits] = [0, 0];
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
  }
  return Buffer.from(bytes);
}

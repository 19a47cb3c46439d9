import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { fromBase32, toBase32 } from "../tokens/base32.js";
import { bytesToUuid, uuidToBytes } from "../tokens/row-token.js";

const UUID_BYTES = 16;
const KEY_BYTES = 8;
const MAC_BYTES = 10;
const TOTAL_BYTES = UUID_BYTES + KEY_BYTES + MAC_BYTES;
const TOKEN_CHARS = Math.ceil((TOTAL_BYTES * 8) / 5);
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
  if (bytes === null) return null;
  const body = bytes.subarray(0, UUID_BYTES + KEY_BYTES);
  if (!timingSafeEqual(macOf(secret, body), bytes.subarray(UUID_BYTES + KEY_BYTES))) return null;
  return { tenantId: bytesToUuid(body.subarray(0, UUID_BYTES)), key: body.subarray(UUID_BYTES).toString("hex") };
}

const macOf = (secret: Uint8Array, body: Uint8Array): Buffer =>
  createHmac("sha256", secret).update("weft reply address 1\0").update(body).digest().subarray(0, MAC_BYTES);

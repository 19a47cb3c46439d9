import { createHmac, timingSafeEqual } from "node:crypto";

const prefix = "wrt_";
const uuidBytes = 16;
const macBytes = 32;
const textLength = prefix.length + Math.ceil(((2 * uuidBytes + macBytes) * 4) / 3);

/** Which row a refresh token stands for. */
export interface RefreshTokenRef {
  readonly tenantId: string;
  readonly id: string;
}

/**
 * The refresh token of a row: `wrt_` and base64url of tenant, row id and their HMAC-SHA256 under the refresh key. It is derived, so the
 * database holds nothing that opens a session, and the same successor can be given again to a second tab.
 */
export function issueRefreshToken(key: Uint8Array, ref: RefreshTokenRef): string {
  const body = Buffer.concat([uuidToBytes(ref.tenantId), uuidToBytes(ref.id)]);
  return prefix + Buffer.concat([body, macOf(key, body)]).toString("base64url");
}

/** Reads a refresh token; null for anything that this installation did not issue. */
export function readRefreshToken(key: Uint8Array, token: string): RefreshTokenRef | null {
  if (token.length !== textLength || !token.startsWith(prefix)) return null;
  const bytes = Buffer.from(token.slice(prefix.length), "base64url");
  if (bytes.length !== 2 * uuidBytes + macBytes) return null;
  const body = bytes.subarray(0, 2 * uuidBytes);
  if (!timingSafeEqual(macOf(key, body), bytes.subarray(2 * uuidBytes))) return null;
  // base64url has spare bits at its end: only the canonical spelling is a token.
  if (bytes.toString("base64url") !== token.slice(prefix.length)) return null;
  return { tenantId: bytesToUuid(body.subarray(0, uuidBytes)), id: bytesToUuid(body.subarray(uuidBytes)) };
}

function macOf(key: Uint8Array, body: Uint8Array): Buffer {
  return createHmac("sha256", key).update("weft refresh token 1\0").update(body).digest();
}

function uuidToBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

function bytesToUuid(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

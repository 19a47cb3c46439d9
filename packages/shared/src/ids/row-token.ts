import { createHmac, timingSafeEqual } from "node:crypto";

const uuidBytes = 16;
const macBytes = 32;

/** Row that a token refers to. IDs are UUIDs. */
export interface RowRef {
  readonly tenantId: string;
  readonly id: string;
}

/** Tokens of one kind. Tokens of another kind or another installation are not valid. */
export interface RowTokens {
  readonly issue: (key: Uint8Array, ref: RowRef) => string;
  /** Returns null for tokens that this installation did not issue. */
  readonly read: (key: Uint8Array, token: string) => RowRef | null;
}

/**
 * Tokens that refer to a row: a prefix, and base64url of the tenant ID, the row ID and their HMAC-SHA256. They are derived, so the database contains
 * nothing that grants access, and forged tokens are rejected without a query.
 * @param label kind of the tokens, bound into the HMAC
 */
export function rowTokens({ prefix, label }: { readonly prefix: string; readonly label: string }): RowTokens {
  const textLength = prefix.length + Math.ceil(((2 * uuidBytes + macBytes) * 4) / 3);
  const macOf = (key: Uint8Array, body: Uint8Array): Buffer => createHmac("sha256", key).update(`${label}\0`).update(body).digest();
  return {
    issue: (key, ref) => {
      const body = Buffer.concat([uuidToBytes(ref.tenantId), uuidToBytes(ref.id)]);
      return prefix + Buffer.concat([body, macOf(key, body)]).toString("base64url");
    },
    read: (key, token) => {
      if (token.length !== textLength || !token.startsWith(prefix)) return null;
      const bytes = Buffer.from(token.slice(prefix.length), "base64url");
      if (bytes.length !== 2 * uuidBytes + macBytes) return null;
      const body = bytes.subarray(0, 2 * uuidBytes);
      if (!timingSafeEqual(macOf(key, body), bytes.subarray(2 * uuidBytes))) return null;
      // base64url has unused bits at the end. Only the canonical encoding is a valid token.
      if (bytes.toString("base64url") !== token.slice(prefix.length)) return null;
      return { tenantId: bytesToUuid(body.subarray(0, uuidBytes)), id: bytesToUuid(body.subarray(uuidBytes)) };
    },
  };
}

/** Returns the 16 bytes of a UUID. */
export function uuidToBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

/** Returns the UUID of 16 bytes. */
export function bytesToUuid(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

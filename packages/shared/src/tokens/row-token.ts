import { createHmac, timingSafeEqual } from "node:crypto";

const uuidBytes = 16;
const macBytes = 32;

/** Which row a token stands for; ids are UUIDs. */
export interface RowRef {
  readonly tenantId: string;
  readonly id: string;
}

/** Tokens of one kind: those of another kind, and of another installation, are none. */
export interface RowTokens {
  readonly issue: (key: Uint8Array, ref: RowRef) => string;
  /** null for anything that this installation did not issue */
  readonly read: (key: Uint8Array, token: string) => RowRef | null;
}

/**
 * Tokens that stand for a row: a prefix and base64url of tenant, row id and their HMAC-SHA256 under a key. They are derived, so the database
 * holds nothing that opens anything, and forged ones are refused without asking it.
 * @param label what kind it is, bound into the HMAC
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
      // base64url has spare bits at its end: only the canonical spelling is a token.
      if (bytes.toString("base64url") !== token.slice(prefix.length)) return null;
      return { tenantId: bytesToUuid(body.subarray(0, uuidBytes)), id: bytesToUuid(body.subarray(uuidBytes)) };
    },
  };
}

function uuidToBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

function bytesToUuid(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

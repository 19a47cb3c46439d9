import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { fromBase32, toBase32 } from "./base32.js";
import { bytesToUuid, uuidToBytes } from "@weft/shared/ids";

const UUID_BYTES = 16;
const KEY_BYTES = 8;
const MAC_BYTES = 10;
const TOKEN_CHARS = Math.ceil(((UUID_BYTES + KEY_BYTES + MAC_BYTES) * 8) / 5);

/** A row that an address of email stands for. */
export interface MailRef {
  /** UUID */
  readonly tenantId: string;
  /** 64 random bits, as 16 hexadecimal digits. */
  readonly key: string;
}

export const newMailKey = (): string => randomBytes(KEY_BYTES).toString("hex");

/** Local parts of one kind. Those of another kind or another installation are not valid. */
export interface MailTokens {
  readonly localPart: (secret: Uint8Array, ref: MailRef) => string;
  /** Returns the row of a local part in any case. Null if this installation did not issue it. */
  readonly read: (secret: Uint8Array, localPart: string) => MailRef | null;
}

/**
 * Local parts of addresses: a prefix, and 55 characters of base32 of the tenant's ID, the key, and 80 bits of their HMAC-SHA256. Mail programs and servers
 * may change the case, and allow 64 characters. Forged addresses are rejected without a query.
 * @param label kind of the addresses, bound into the HMAC
 */
export function mailTokens({ prefix, label }: { readonly prefix: string; readonly label: string }): MailTokens {
  const macOf = (secret: Uint8Array, body: Uint8Array): Buffer =>
    createHmac("sha256", secret).update(`${label}\0`).update(body).digest().subarray(0, MAC_BYTES);
  return {
    localPart: (secret, { tenantId, key }) => {
      const body = Buffer.concat([uuidToBytes(tenantId), Buffer.from(key, "hex")]);
      return prefix + toBase32(Buffer.concat([body, macOf(secret, body)]));
    },
    read: (secret, localPart) => {
      const given = localPart.toLowerCase();
      if (given.length !== prefix.length + TOKEN_CHARS || !given.startsWith(prefix)) return null;
      const bytes = fromBase32(given.slice(prefix.length));
      if (bytes === null) return null;
      const body = bytes.subarray(0, UUID_BYTES + KEY_BYTES);
      if (!timingSafeEqual(macOf(secret, body), bytes.subarray(UUID_BYTES + KEY_BYTES))) return null;
      return { tenantId: bytesToUuid(body.subarray(0, UUID_BYTES)), key: body.subarray(UUID_BYTES).toString("hex") };
    },
  };
}

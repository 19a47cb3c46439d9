import { createHmac, timingSafeEqual } from "node:crypto";
import type { MailConfig } from "../config/config.js";
import { fromBase32, toBase32 } from "../tokens/base32.js";
import { bytesToUuid, type RowRef, uuidToBytes } from "@weft/shared/ids";

const UUID_BYTES = 16;
const MAC_BYTES = 6;
const PREFIX = "b+";
const TOKEN_CHARS = Math.ceil(((2 * UUID_BYTES + MAC_BYTES) * 8) / 5);

/** The local part to which mail providers send the complaints of their users. */
export const COMPLAINTS = "complaints";

/**
 * Returns the address to which mail servers report that an email could not be delivered: `b+`, and base32 of the IDs of the tenant and the email, and 48
 * bits of their HMAC-SHA256. It has 63 of the 64 characters that a local part can have. The IDs are random, so the short HMAC only keeps reports about
 * addresses of other installations from the database. Undefined if this installation receives no reports.
 * @param ref the tenant, and the email (`OutgoingMail.id`)
 */
export function bounceAddress({ bounces }: MailConfig, secret: Uint8Array, ref: RowRef): string | undefined {
  if (bounces === undefined) return undefined;
  const body = Buffer.concat([uuidToBytes(ref.tenantId), uuidToBytes(ref.id)]);
  return `${PREFIX}${toBase32(Buffer.concat([body, macOf(secret, body)]))}@${bounces.domain}`;
}

/** Returns the email that a local part stands for, in any case. Null if this installation did not issue it. */
export function readBounceLocalPart(secret: Uint8Array, localPart: string): RowRef | null {
  const given = localPart.toLowerCase();
  if (given.length !== PREFIX.length + TOKEN_CHARS || !given.startsWith(PREFIX)) return null;
  const bytes = fromBase32(given.slice(PREFIX.length));
  if (bytes === null) return null;
  const body = bytes.subarray(0, 2 * UUID_BYTES);
  if (!timingSafeEqual(macOf(secret, body), bytes.subarray(2 * UUID_BYTES))) return null;
  return { tenantId: bytesToUuid(body.subarray(0, UUID_BYTES)), id: bytesToUuid(body.subarray(UUID_BYTES)) };
}

/** Returns the email that a text mentions by the address for reports about it, such as the headers of an email that came back. Null if there is none. */
export function findBounceAddress({ bounces }: MailConfig, secret: Uint8Array, text: string): RowRef | null {
  if (bounces === undefined) return null;
  for (const [, localPart = "", domain = ""] of text.matchAll(addressPattern)) {
    const ref = domain.toLowerCase() === bounces.domain ? readBounceLocalPart(secret, localPart) : null;
    if (ref !== null) return ref;
  }
  return null;
}

const addressPattern = new RegExp(`\\b(b\\+[a-z2-7]{${TOKEN_CHARS}})@([a-z0-9.-]{1,190})`, "gi");

const macOf = (secret: Uint8Array, body: Uint8Array): Buffer =>
  createHmac("sha256", secret).update("weft bounce address 1\0").update(body).digest().subarray(0, MAC_BYTES);

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { bytesToUuid, uuidToBytes } from "@weft/shared/ids";

const prefix = "wdt_";
const ID_BYTES = 16;
const TIME_BYTES = 4;
const MAC_BYTES = 32;
const BODY_BYTES = 3 * ID_BYTES + TIME_BYTES;
/** Time after the last login on a device for which it is known. */
const LIFETIME_SECONDS = 180 * 24 * 3600;

/** A device on which a user has logged in. IDs are UUIDs. */
export interface KnownDevice {
  readonly tenantId: string;
  readonly userId: string;
  readonly deviceId: string;
}

const macOf = (key: Uint8Array, body: Uint8Array): Buffer =>
  createHmac("sha256", key).update("weft device token 1\0").update(body).digest();

/** Returns the ID of a device that was unknown. */
export const newDeviceId = (): string => bytesToUuid(randomBytes(ID_BYTES));

/**
 * Issues the token by which a device is known at the next login of this user (`wdt_…`). It grants nothing: its holder still needs the password, and has
 * a limit of failures of its own.
 */
export function issueDeviceToken(key: Uint8Array, { tenantId, userId, deviceId }: KnownDevice, nowSeconds = Date.now() / 1000): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUInt32BE(Math.floor(nowSeconds));
  const body = Buffer.concat([uuidToBytes(tenantId), uuidToBytes(userId), uuidToBytes(deviceId), time]);
  return prefix + Buffer.concat([body, macOf(key, body)]).toString("base64url");
}

/** Returns null for tokens that this installation did not issue, and for those of devices that were not used for half a year. */
export function readDeviceToken(key: Uint8Array, token: string, nowSeconds = Date.now() / 1000): KnownDevice | null {
  if (token.length !== prefix.length + Math.ceil(((BODY_BYTES + MAC_BYTES) * 4) / 3) || !token.startsWith(prefix)) return null;
  const bytes = Buffer.from(token.slice(prefix.length), "base64url");
  if (bytes.length !== BODY_BYTES + MAC_BYTES) return null;
  const body = bytes.subarray(0, BODY_BYTES);
  if (!timingSafeEqual(macOf(key, body), bytes.subarray(BODY_BYTES))) return null;
  if (body.readUInt32BE(3 * ID_BYTES) + LIFETIME_SECONDS < nowSeconds) return null;
  const idAt = (position: number): string => bytesToUuid(body.subarray(position * ID_BYTES, (position + 1) * ID_BYTES));
  return { tenantId: idAt(0), userId: idAt(1), deviceId: idAt(2) };
}

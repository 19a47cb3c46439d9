import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const randomLength = 16;
const timeLength = 4;
const macLength = 32;
const bodyLength = randomLength + timeLength;

/** Time in which a challenge must be answered. */
export const challengeSeconds = 5 * 60;

/** What the answer to a challenge is for. The answer counts for nothing else. IDs are UUIDs. */
export type ChallengeUse =
  /**
   * `id`: the session that registers a passkey, or that proves again who its user is. `FURTHER_REGISTRATION`: by a user who has just proven a second
   * factor; `REGISTRATION`: by one who had none.
   */
  | {
      readonly purpose: "REGISTRATION" | "FURTHER_REGISTRATION" | "SESSION";
      readonly tenantId: string;
      readonly userId: string;
      readonly id: string;
    }
  /** `id`: the login that waits for a second factor. */
  | { readonly purpose: "SECOND_FACTOR"; readonly tenantId: string; readonly userId: string; readonly id: string }
  /** A login without a password. Who logs in is not known yet. */
  | { readonly purpose: "LOGIN" };

/** A challenge that is still valid, if it was not used. */
export interface ReadChallenge {
  readonly hash: string;
  readonly expiresAtSeconds: number;
}

function macOf(key: Uint8Array, use: ChallengeUse, body: Uint8Array): Buffer {
  const bound = use.purpose === "LOGIN" ? [use.purpose] : [use.purpose, use.tenantId, use.userId, use.id];
  return createHmac("sha256", key)
    .update(`weft passkey challenge 1\0${JSON.stringify(bound)}\0`)
    .update(body)
    .digest();
}

/**
 * Issues a challenge. It carries its time and is signed together with its use, so nothing is stored until it is answered: otherwise anybody could fill
 * the database by beginning logins.
 */
export function issueChallenge(key: Uint8Array, use: ChallengeUse, nowSeconds = Date.now() / 1000): Uint8Array<ArrayBuffer> {
  const time = Buffer.alloc(timeLength);
  time.writeUInt32BE(Math.floor(nowSeconds));
  const body = Buffer.concat([randomBytes(randomLength), time]);
  return new Uint8Array(Buffer.concat([body, macOf(key, use, body)]));
}

/**
 * Reads a challenge in base64url. Returns null if it has expired, or this installation did not issue it for this use. Whoever accepts the answer uses
 * the challenge up.
 */
export function readChallenge(key: Uint8Array, use: ChallengeUse, text: string, nowSeconds = Date.now() / 1000): ReadChallenge | null {
  const bytes = Buffer.from(text, "base64url");
  // Only the canonical encoding is valid, so that one challenge has one hash.
  if (bytes.length !== bodyLength + macLength || bytes.toString("base64url") !== text) return null;
  const body = bytes.subarray(0, bodyLength);
  if (!timingSafeEqual(macOf(key, use, body), bytes.subarray(bodyLength))) return null;
  const expiresAtSeconds = body.readUInt32BE(randomLength) + challengeSeconds;
  if (nowSeconds > expiresAtSeconds) return null;
  return { hash: createHash("sha256").update(bytes).digest("hex"), expiresAtSeconds };
}

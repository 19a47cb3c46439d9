import type { ApiKeyRow } from "@weft/platform/rights";
import { timingSafeEqual } from "node:crypto";
import { isAllowedAddress, secretIdOf } from "@weft/shared/api-keys";
import { Unauthenticated } from "@weft/shared/errors";
import type { AccessClaims } from "./token.js";

/** One error for unknown, malformed, expired and revoked keys, wrong secrets, and addresses that are not allowed. */
export const apiKeyRefused = (): Unauthenticated => new Unauthenticated("The API key is not valid, or not allowed from this address.");

/**
 * Checks that the claims may use the key from an address, and returns until when, in seconds since 1970: until the key, its replaced secret, or the token
 * expires. Claims without a secret come from links to files, which the key has requested.
 * @throws Unauthenticated
 */
export function expiryWithKey(key: ApiKeyRow, { secretId, expiresAt }: AccessClaims, address: string | null, nowMs = Date.now()): number {
  if (!isAllowedAddress(address, key.allowedAddresses)) throw apiKeyRefused();
  const limits = [expiresAt, seconds(key.expiresAt), secretId === undefined ? Infinity : expiryOfSecret(key, secretId)];
  const earliest = Math.min(...limits);
  if (earliest * 1_000 <= nowMs) throw apiKeyRefused();
  return earliest;
}

/** Returns until when the secret is valid, in seconds since 1970. 0 if it is not one of the key's secrets. */
function expiryOfSecret({ secretHash, previousSecretHash, previousSecretExpiresAt }: ApiKeyRow, secretId: string): number {
  // Both are compared, so that the time does not tell which one it was.
  const isCurrent = isSame(secretIdOf(secretHash), secretId);
  const isPrevious = isSame(secretIdOf(previousSecretHash ?? ""), secretId) && previousSecretHash !== null;
  if (isCurrent) return Infinity;
  return isPrevious ? seconds(previousSecretExpiresAt) : 0;
}

const seconds = (ms: number | null): number => (ms === null ? Infinity : ms / 1_000);

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

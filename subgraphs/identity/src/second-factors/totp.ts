import { Secret, TOTP } from "otpauth";

/** As authenticator apps expect: six digits, every 30 seconds, HMAC-SHA1. See RFC 6238. */
const options = { algorithm: "SHA1", digits: 6, period: 30 };
const seedBytes = 20;
/** Steps before and after the current one, for clocks that differ. */
const drift = 1;

/** Returns a new seed in base32, as users type it into an app that cannot scan. */
export const newSeed = (): string => new Secret({ size: seedBytes }).base32;

/** Returns the `otpauth://` URI of a seed, which clients show as a QR code. */
export const seedUri = (seed: string, { issuer, label }: { readonly issuer: string; readonly label: string }): string =>
  new TOTP({ ...options, issuer, label, secret: Secret.fromBase32(seed) }).toString();

/** Returns the time step of a valid code. Null for any other text. */
export function stepOf(seed: string, code: string, nowMs: number): number | null {
  const digits = code.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(digits)) return null;
  const delta = TOTP.validate({ ...options, secret: Secret.fromBase32(seed), token: digits, timestamp: nowMs, window: drift });
  return delta === null ? null : TOTP.counter({ period: options.period, timestamp: nowMs }) + delta;
}

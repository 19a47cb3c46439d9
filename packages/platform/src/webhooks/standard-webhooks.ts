/** Signatures of the Standard Webhooks specification (https://www.standardwebhooks.com), version 1: HMAC-SHA256. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A message as it is signed. */
export interface SignedMessage {
  /** Value of `webhook-id`. */
  readonly id: string;
  /** Seconds since 1970: value of `webhook-timestamp`. */
  readonly timestamp: number;
  readonly body: string | Uint8Array;
}

/** Returns a new secret: `whsec_` and 32 random bytes in base64. */
export const newWebhookSecret = (): string => `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;

/** Returns the value of `webhook-signature`: a signature for each secret, separated by spaces. */
export const webhookSignature = (message: SignedMessage, secrets: readonly string[]): string =>
  secrets.map((secret) => `v1,${signatureOf(message, secret).toString("base64")}`).join(" ");

/** Returns whether one of the signatures was made with the secret. Compares in constant time. The caller checks the age of the timestamp. */
export function isWebhookSignature(message: SignedMessage, signature: string, secret: string): boolean {
  const expected = signatureOf(message, secret);
  return signature
    .split(" ")
    .filter((one) => one.startsWith("v1,"))
    .some((one) => {
      const given = Buffer.from(one.slice("v1,".length), "base64");
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}

function signatureOf({ id, timestamp, body }: SignedMessage, secret: string): Buffer {
  return createHmac("sha256", Buffer.from(withoutPrefix(secret), "base64"))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest();
}

const withoutPrefix = (secret: string): string => (secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);

import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { bytesToUuid, uuidToBytes } from "../ids/row-token.js";
import type { RowRef } from "../ids/row-token.js";

/** Beginning of every API key, by which secret scanners recognize it. */
export const apiKeyPrefix = "weft_";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretBytes = 32;
const bodyBytes = 16 + 16 + secretBytes;
/** Digits of base 62 that the bytes need. */
const bodyDigits = 86;
const checksumDigits = 6;
const keyPattern = new RegExp(`^${apiKeyPrefix}([0-9A-Za-z]{${bodyDigits}})([0-9A-Za-z]{${checksumDigits}})$`);

/** A new key. */
export interface NewApiKey {
  /** The complete key, which is shown once. */
  readonly text: string;
  readonly secretHash: string;
  /** Last characters, by which people tell keys apart. They belong to the checksum, and so reveal nothing that helps to guess. */
  readonly hint: string;
}

/** The key that a text names, and the hash of the secret that it contains. Whether the secret is right is for the caller to compare. */
export interface PresentedApiKey extends RowRef {
  readonly secretHash: string;
}

/**
 * Creates a key: the prefix, and in base 62 the IDs of the tenant and the key, 256 random bits, and a CRC-32 of all that.
 *
 * The checksum lets scanners and the gateway reject other texts without a query, as with GitHub's tokens. Base 62 has no characters at which editors or
 * URLs would break the key. Only a SHA-256 is stored: a slow hash protects secrets that can be guessed, and 256 random bits cannot. It covers the IDs
 * too, so that a secret is worth nothing in a text with other IDs.
 * @param secret given only in tests
 */
export function newApiKey({ tenantId, id }: RowRef, secret: Uint8Array = randomBytes(secretBytes)): NewApiKey {
  const bytes = Buffer.concat([uuidToBytes(tenantId), uuidToBytes(id), secret]);
  const body = toBase62(bytes, bodyDigits);
  const checksum = checksumOf(body);
  return { text: `${apiKeyPrefix}${body}${checksum}`, secretHash: hashOf(bytes), hint: checksum.slice(-4) };
}

/** Returns what a key names, or null for a text that is not a key or whose checksum is wrong. */
export function readApiKey(text: string): PresentedApiKey | null {
  const [, body, checksum] = keyPattern.exec(text) ?? [];
  if (body === undefined || checksum !== checksumOf(body)) return null;
  const bytes = fromBase62(body);
  if (bytes === null) return null;
  return {
    tenantId: bytesToUuid(bytes.subarray(0, 16)),
    id: bytesToUuid(bytes.subarray(16, 32)),
    secretHash: hashOf(bytes),
  };
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const checksumOf = (body: string): string => digitsOf(BigInt(crc32(apiKeyPrefix + body)), checksumDigits);

const toBase62 = (bytes: Buffer, digits: number): string => digitsOf(BigInt(`0x${bytes.toString("hex")}`), digits);

function digitsOf(value: bigint, digits: number): string {
  let [text, rest] = ["", value];
  for (let i = 0; i < digits; i++) {
    text = alphabet.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

/** Returns null for a number that does not fit into the bytes. */
function fromBase62(text: string): Buffer | null {
  let value = 0n;
  for (const digit of text) value = value * 62n + BigInt(alphabet.indexOf(digit));
  const hex = value.toString(16);
  return hex.length > 2 * bodyBytes ? null : Buffer.from(hex.padStart(2 * bodyBytes, "0"), "hex");
}

/** Names a secret of a key in access tokens, and in comparisons, without revealing its stored hash. */
export const secretIdOf = (secretHash: string): string => createHash("sha256").update(`weft secret ${secretHash}`).digest("base64url");

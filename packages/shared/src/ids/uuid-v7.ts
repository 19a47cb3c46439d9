import { randomFillSync } from "node:crypto";

const random = new Uint8Array(1024);
let used = random.length;
let lastMs = 0;
let counter = 0;

/**
 * Returns a new UUIDv7 (RFC 9562): a timestamp of 48 bits in milliseconds, a counter of 12 bits that restarts every millisecond, and 62 random bits.
 * IDs of one process always increase; keysets and append-only tables rely on this. Code must not rely on the timestamp in an ID.
 */
export function newId(): string {
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = 0;
  }
  if (used + 8 > random.length) {
    randomFillSync(random);
    used = 0;
  }
  const tail = Buffer.from(random.buffer, used, 8);
  used += 8;
  const variant = ((tail[0] ?? 0) & 0x3f) | 0x80;
  const time = lastMs.toString(16).padStart(12, "0");
  const rest = tail.toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${variant.toString(16)}${rest.slice(2, 4)}-${rest.slice(4)}`;
}

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Returns whether the text is a UUID in lowercase, as the database and our code write them. */
export const isUuid = (text: unknown): text is string => typeof text === "string" && pattern.test(text);

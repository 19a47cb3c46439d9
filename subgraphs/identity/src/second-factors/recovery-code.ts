import { createHash, randomBytes } from "node:crypto";
import { toBase32 } from "@weft/platform/tokens";

/** Number of codes that a user gets at once. */
export const recoveryCodeCount = 10;
/** 120 bits, so that a fast hash is enough. */
const codeBytes = 15;

const newCode = (): string => (toBase32(randomBytes(codeBytes)).match(/.{4}/g) ?? []).join("-");

/** Returns new codes, such as `abcd-efgh-2345-mnop-qrst-uvwx`. */
export const newRecoveryCodes = (): string[] => Array.from({ length: recoveryCodeCount }, newCode);

/** Returns the hash of a user's code, which is written with or without hyphens and spaces, in any case. */
export const recoveryCodeHash = (userId: string, code: string): string =>
  createHash("sha256")
    .update(`${userId} ${code.toLowerCase().replaceAll(/[\s-]/g, "")}`)
    .digest("hex");

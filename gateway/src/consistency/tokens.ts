import { hkdfSync } from "node:crypto";
import type { Keys } from "@weft/platform/config";
import { type DatabasePosition, positionOfText, textOfPosition } from "@weft/platform/consistency";
import { decrypt, encrypt } from "@weft/platform/privacy";
import { BadUserInput, quote } from "@weft/shared/errors";
import type { SentToken } from "./asked.js";

/**
 * Consistency tokens: a position of the database, for one tenant. It is encrypted, because it would show how much all tenants of the installation write.
 */
export interface ConsistencyTokens {
  encode(tenantId: string, position: DatabasePosition): string;
  /** @throws BadUserInput if it is not a token of the tenant. Whether it is one of another tenant cannot be told from the error */
  decode(tenantId: string, sent: SentToken): DatabasePosition;
}

const maxLength = 400;
const advice = "is not a valid consistency token of your organization. Send one from an answer to you, or none.";

export function consistencyTokens(keys: Pick<Keys, "cursor">): ConsistencyTokens {
  // The version is part of the key. Tokens of another version are not valid.
  const key = Buffer.from(hkdfSync("sha256", keys.cursor, "", "weft consistency token 1", 32));
  return {
    encode: (tenantId, position) => encrypt(key, Buffer.from(tenantId), Buffer.from(textOfPosition(position))),
    decode: (tenantId, { token, path }) => {
      // Decoding ignores unknown characters. Only the exact text that `encode` returns is accepted.
      const isExact = token.length <= maxLength && Buffer.from(token, "base64url").toString("base64url") === token;
      const text = isExact ? decrypt(key, Buffer.from(tenantId), token) : null;
      const position = text ? positionOfText(text.toString()) : undefined;
      if (!position) throw new BadUserInput([{ path, message: `${quote(token)} ${advice}` }]);
      return position;
    },
  };
}

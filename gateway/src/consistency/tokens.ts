import { decodeCursor, encodeCursor } from "@weft/api/pages";
import type { Keys } from "@weft/platform/config";
import { type DatabasePosition, positionOfText, textOfPosition } from "@weft/platform/consistency";
import { BadUserInput } from "@weft/shared/errors";
import type { SentToken } from "./asked.js";

/** Consistency tokens: a position of the database, opaque, and signed for one tenant. */
export interface ConsistencyTokens {
  encode(tenantId: string, position: DatabasePosition): string;
  /** @throws BadUserInput if it is not a token of the tenant. Whether it is one of another tenant cannot be told from the error */
  decode(tenantId: string, sent: SentToken): DatabasePosition;
}

const advice = "is not a valid consistency token of your organization. Send one from an answer to you, or none.";

export function consistencyTokens(keys: Pick<Keys, "cursor">): ConsistencyTokens {
  // The version is part of what is signed. Tokens of another version are not valid.
  const scopeOf = (tenantId: string) => ({ key: keys.cursor, tenantId, list: "consistency 1" });
  return {
    encode: (tenantId, position) => encodeCursor(scopeOf(tenantId), [textOfPosition(position)]),
    decode: (tenantId, { token, path }) => {
      const [text = ""] = decodeCursor(scopeOf(tenantId), token, path, advice);
      const position = positionOfText(text);
      if (!position) throw new BadUserInput([{ path, message: `The text ${advice}` }]);
      return position;
    },
  };
}

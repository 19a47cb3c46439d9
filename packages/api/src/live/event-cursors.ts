import type { Keys } from "@weft/platform/config";
import { decodeCursor, encodeCursor } from "../pages/cursor.js";

/** Cursors of live events: the event's position in its tenant, opaque and signed. */
export interface EventCursors {
  encode(tenantId: string, position: number): string;
  /**
   * @param path of the argument, `after` or `at`
   * @throws BadUserInput if it is not a valid cursor of this tenant's events
   */
  decode(tenantId: string, cursor: string, path?: string): number;
}

export function eventCursors(keys: Pick<Keys, "cursor">): EventCursors {
  const scopeOf = (tenantId: string) => ({ key: keys.cursor, tenantId, list: "events POSITION ASC" });
  return {
    encode: (tenantId, position) => encodeCursor(scopeOf(tenantId), [String(position)]),
    decode: (tenantId, cursor, path = "after") =>
      Number(
        decodeCursor(
          scopeOf(tenantId),
          cursor,
          path,
          "is not a valid cursor of these events. Use `liveCursor` of a query or the `cursor` of a payload.",
        )[0],
      ),
  };
}

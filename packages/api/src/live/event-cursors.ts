import type { Keys } from "@weft/platform/config";
import { decodeCursor, encodeCursor } from "../pages/cursor.js";
import type { LiveLog } from "./live-fields.js";

/** Cursors of a log that live subscriptions follow: a position of the tenant, opaque and signed. */
export interface EventCursors {
  encode(tenantId: string, position: number): string;
  /**
   * @param path of the argument, `after` or `at`
   * @throws BadUserInput if it is not a valid cursor of this log of the tenant
   */
  decode(tenantId: string, cursor: string, path?: string): number;
}

/** What a cursor is of, and what to say if it is not. A cursor of one log is refused by the others. */
const cursorsOf: Readonly<Record<LiveLog, { readonly list: string; readonly refusal: string }>> = {
  events: {
    list: "events POSITION ASC",
    refusal: "is not a valid cursor of these events. Use `liveCursor` of a query or the `cursor` of a payload.",
  },
  auditTrail: {
    list: "auditEntries SEQUENCE ASC",
    refusal: "is not a valid cursor of sealed audit entries. Use `liveCursor` of an audit entry or the `cursor` of a payload.",
  },
};

export function eventCursors(keys: Pick<Keys, "cursor">, log: LiveLog = "events"): EventCursors {
  const { list, refusal } = cursorsOf[log];
  const scopeOf = (tenantId: string) => ({ key: keys.cursor, tenantId, list });
  return {
    encode: (tenantId, position) => encodeCursor(scopeOf(tenantId), [String(position)]),
    decode: (tenantId, cursor, path = "after") => Number(decodeCursor(scopeOf(tenantId), cursor, path, refusal)[0]),
  };
}

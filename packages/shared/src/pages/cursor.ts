import { createHmac, timingSafeEqual } from "node:crypto";
import { BadUserInput, quote } from "../errors/errors.js";

const macBytes = 16;
const maxLength = 10_000;

/** What a cursor is good for: one list in one order of one tenant. */
export interface CursorScope {
  readonly key: Uint8Array;
  readonly tenantId: string;
  /** Name of the list and its order: `requests CREATED_AT DESC`. */
  readonly list: string;
}

/** Values of the order's columns at a row, as text; the last is the id. */
export type CursorValues = readonly string[];

/** An opaque text: the values, with a signature that binds them to the scope, so that nobody edits or borrows a cursor. */
export function encodeCursor(scope: CursorScope, values: CursorValues): string {
  const payload = Buffer.from(JSON.stringify(values));
  return Buffer.concat([mac(scope, payload), payload]).toString("base64url");
}

/** @param path of the argument, `after` or `before` @param advice the rest of the sentence about another text @throws BadUserInput for an edited cursor, and one of another list, order or tenant */
export function decodeCursor(
  scope: CursorScope,
  text: string,
  path: string,
  advice = "is no cursor of this list in this order; take cursors from its pageInfo or edges.",
): CursorValues {
  const bytes = text.length <= maxLength ? Buffer.from(text, "base64url") : Buffer.alloc(0);
  const payload = bytes.subarray(macBytes);
  // base64url decoding skips what it does not know: only the text that we would write is taken.
  const isOurs =
    bytes.length > macBytes && timingSafeEqual(bytes.subarray(0, macBytes), mac(scope, payload)) && bytes.toString("base64url") === text;
  if (!isOurs) throw new BadUserInput([{ path, message: `${quote(text)} ${advice}` }]);
  return JSON.parse(payload.toString()) as string[];
}

function mac({ key, tenantId, list }: CursorScope, payload: Uint8Array): Buffer {
  return createHmac("sha256", key).update(`cursor\n${tenantId}\n${list}\n`).update(payload).digest().subarray(0, macBytes);
}

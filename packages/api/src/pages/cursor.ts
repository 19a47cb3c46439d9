import { createHmac, timingSafeEqual } from "node:crypto";
import { BadUserInput, quote } from "@weft/shared/errors";

const macBytes = 16;
const maxLength = 10_000;

/** Scope in which a cursor is valid: one list in one order of one tenant. */
export interface CursorScope {
  readonly key: Uint8Array;
  readonly tenantId: string;
  /** Name of the list and its order, for example `requests CREATED_AT DESC`. */
  readonly list: string;
}

/** Values of a row's order columns, as text. The last one is the ID. */
export type CursorValues = readonly string[];

/**
 * Encodes a cursor as an opaque text: the values, and a signature that binds them to the scope, so that a cursor cannot be edited or used in another
 * scope.
 */
export function encodeCursor(scope: CursorScope, values: CursorValues): string {
  const payload = Buffer.from(JSON.stringify(values));
  return Buffer.concat([mac(scope, payload), payload]).toString("base64url");
}

/**
 * Decodes a cursor.
 * @param path of the argument, `after` or `before`
 * @param advice second half of the error message for an invalid cursor
 * @throws BadUserInput if the cursor was edited, or belongs to another list, order or tenant
 */
export function decodeCursor(
  scope: CursorScope,
  text: string,
  path: string,
  advice = "is not a valid cursor of this list in this order. Use cursors from its pageInfo or edges.",
): CursorValues {
  const bytes = text.length <= maxLength ? Buffer.from(text, "base64url") : Buffer.alloc(0);
  const payload = bytes.subarray(macBytes);
  // base64url decoding ignores unknown characters. Only the exact text that `encodeCursor` returns is accepted.
  const isOurs =
    bytes.length > macBytes && timingSafeEqual(bytes.subarray(0, macBytes), mac(scope, payload)) && bytes.toString("base64url") === text;
  if (!isOurs) throw new BadUserInput([{ path, message: `${quote(text)} ${advice}` }]);
  return JSON.parse(payload.toString()) as string[];
}

function mac({ key, tenantId, list }: CursorScope, payload: Uint8Array): Buffer {
  return createHmac("sha256", key).update(`cursor\n${tenantId}\n${list}\n`).update(payload).digest().subarray(0, macBytes);
}

import { BadUserInput } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { findStaff } from "./staff.store.js";

/** @throws BadUserInput at `path` unless the user is active and works for the organization itself */
export async function assertStaff(tx: Tx, userId: string, path: string): Promise<void> {
  if ((await findStaff(tx, [userId])).length > 0) return;
  throw new BadUserInput([{ path, message: `No active user of the organization with the ID ${encodeId("user", userId)} exists.` }]);
}

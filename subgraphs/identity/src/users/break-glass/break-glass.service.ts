import { Conflict } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { openUser, recordChange, writeChanges } from "../user.service.js";
import { hasPassword } from "../user.store.js";
import type { UserRow } from "../user.store.js";
import { assertBreakGlassUserLeft } from "./exemption.service.js";
import type { SetBreakGlassInput } from "./break-glass.type.js";

/** Names a user who can log in with a password although single sign-on is required, or no longer. @throws NotFound, Forbidden, Conflict (also for users who cannot log in with a password, and for the last one while single sign-on is required) */
export async function setBreakGlass(ctx: Context, { userId, isBreakGlass, expectedVersion = null }: SetBreakGlassInput): Promise<UserRow> {
  const id = decodeId("user", userId, "input.userId");
  return ctx.inTenant(async (tx) => {
    const { before, roleIds } = await openUser(ctx, tx, id, { permission: "user.read", expectedVersion });
    if (before.isBreakGlass === isBreakGlass) return before;
    if (isBreakGlass && (before.status !== "ACTIVE" || before.type !== "EMPLOYEE" || !(await hasPassword(tx, id))))
      throw new Conflict("Only active employees with a password can be break-glass users: the others could not log in with one.", {
        currentState: before.status,
      });
    const after = await writeChanges(tx, before, { changes: { isBreakGlass }, raisesRights: false });
    await recordChange(ctx, tx, { action: "user.setBreakGlass", before, after, roleIds, wanted: roleIds, raisesRights: false });
    if (!isBreakGlass) await assertBreakGlassUserLeft(tx, ctx.viewer.tenantId);
    return after;
  });
}

import { Forbidden, Unauthenticated } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { lockOpenSession } from "../sessions/login.service.js";
import { findUserForChange, type UserRow } from "../users/known-user.service.js";
import { newRecoveryCodes, recoveryCodeHash } from "./recovery-code.js";
import { deleteRecoveryCodes, insertRecoveryCodes } from "./second-factor.store.js";

/**
 * Returns the locked viewer, whose session stays open until the transaction ends. The gateway can be half a second late to know that it has ended, and
 * whoever has ended it, perhaps because somebody else used it, must not find that it has changed how they log in.
 * @throws Forbidden if the viewer cannot have second factors, Unauthenticated if the session has ended
 */
export async function lockOwnUser(ctx: Context, tx: Tx): Promise<UserRow> {
  assertIsThemselves(ctx);
  const user = await findUserForChange(tx, ctx.viewer.userId);
  if (user?.status !== "ACTIVE") throw new Forbidden("Your account is not active.");
  if (user.type === "SERVICE") throw new Forbidden("Service accounts have no second factors.");
  if (!(await lockOpenSession(tx, ctx.viewer.sessionId))) throw new Unauthenticated("This session has ended. Log in again.");
  return user;
}

/** @throws Forbidden if the viewer is a platform operator who acts in the tenant */
export function assertIsThemselves({ viewer }: Context): void {
  if (viewer.operatorId !== null) throw new Forbidden("Platform operators have their second factors in their own organization.");
}

/** Replaces a user's recovery codes. They are returned only here. */
export async function replaceRecoveryCodes(tx: Tx, { tenantId, userId }: { tenantId: string; userId: string }): Promise<string[]> {
  const codes = newRecoveryCodes();
  await deleteRecoveryCodes(tx, userId);
  await insertRecoveryCodes(
    tx,
    codes.map((code) => ({ tenantId, id: newId(), userId, codeHash: recoveryCodeHash(userId, code) })),
  );
  return codes;
}

/** Returns whether the viewer's tenant requires second factors. */
export async function requirementOf(ctx: Context): Promise<{ byTenant: boolean }> {
  const { security } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  return { byTenant: security.secondFactor === "REQUIRED" };
}

import { identity } from "@weft/drizzle";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { among, named } from "../db/named.js";
import { Conflict } from "@weft/shared/errors";
import { isPermission, type Scope, scopesOf, type Viewer } from "@weft/shared/viewer";

const { apiKeys, tenants, users } = identity;

/**
 * Serializes changes of rights in a tenant until commit. Otherwise two administrators could remove each other concurrently, each seeing the other as
 * the remaining one.
 */
export async function lockRights(tx: Tx, tenantId: string): Promise<void> {
  await named(
    "lockRights",
    tx.select({ tenantId: tenants.tenantId }).from(tenants).where(eq(tenants.tenantId, tenantId)).for("no key update"),
  );
}

/** Raises the rights version of these users, so viewers and sockets created with the previous rights become invalid. */
export async function raiseRightsVersion(tx: Tx, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  await named(
    "raiseRightsVersion",
    tx
      .update(users)
      .set({ rightsVersion: sql`${users.rightsVersion} + 1` })
      .where(among(users.id, userIds)),
  );
}

/** The viewer's rights are no longer those with which the request began. The same request can succeed when it is sent again. */
export class RightsChanged extends Conflict {
  constructor() {
    super("Your rights have just changed. Try again.");
  }
}

/**
 * Checks that the viewer's rights are current. They were read when the request came in and can be up to half a second old. Rights that are passed on
 * persist, so they are passed on only under current rights: if an administrator demotes a colleague who is granting rights to somebody else, the
 * first commit decides. Call in the transaction, after `lockRights` if used.
 * @throws RightsChanged if the viewer's rights have changed since
 */
export async function assertCurrentRights(tx: Tx, { userId, vendorId, operatorId, apiKey, rightsVersion }: Viewer): Promise<void> {
  // An operator's permissions are fixed and do not include passing on rights. For users of a vendor the database rejects it.
  if (operatorId !== null || vendorId !== null) return;
  const now = await lockRightsOf(tx, userId);
  const isCurrent =
    String(now) === rightsVersion.split("/")[0] && (apiKey === null || rightsVersion.endsWith(`:${await lockKey(tx, apiKey.id)}`));
  if (!isCurrent) throw new RightsChanged();
}

/** Returns the version of an API key that is not revoked, locked until commit. */
async function lockKey(tx: Tx, id: string): Promise<number | null> {
  const [row] = await named(
    "lockKey",
    tx
      .select({ version: apiKeys.version })
      .from(apiKeys)
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
      .for("share"),
  );
  return row?.version ?? null;
}

/** Returns the rights version of an active user, locked until commit. Null for other users. */
async function lockRightsOf(tx: Tx, userId: string): Promise<number | null> {
  const [row] = await named(
    "lockRightsOf",
    tx.select({ rightsVersion: users.rightsVersion, status: users.status }).from(users).where(eq(users.id, userId)).for("share"),
  );
  return row?.status === "ACTIVE" ? row.rightsVersion : null;
}

/** Returns a permission that the viewer has in one of these scopes, but not in the entire tenant. */
export const narrowlyHeld = (viewer: Viewer, scopes: readonly Scope[]): string | undefined =>
  Object.keys(viewer.permissions).find((permission) => {
    const held = isPermission(permission) ? scopesOf(viewer, permission) : [];
    return !held.includes("TENANT") && held.some((scope) => scopes.includes(scope));
  });

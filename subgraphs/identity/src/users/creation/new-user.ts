import { BadUserInput, quote } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { mapDatabaseError, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { meterUsage } from "@weft/platform/usage";
import { loginNameHash } from "../../sessions/login-name.js";
import { insertTeamMemberships, insertUserRoles } from "../membership.store.js";
import { indexUser, insertLoginNames, insertUser } from "../user.store.js";
import type { UserRow } from "../user.store.js";

/** A user whose input has been validated. IDs are UUIDs; roles and teams exist in the tenant. */
export interface NewUser {
  readonly id?: string;
  readonly email: string;
  readonly username: string;
  readonly name: string;
  readonly type: "EMPLOYEE" | "VENDOR" | "SERVICE";
  readonly vendorId: string | null;
  /** Set by SCIM only, like the following ones. */
  readonly externalId?: string | null;
  readonly givenName?: string | null;
  readonly familyName?: string | null;
  readonly title?: string | null;
  readonly phone?: string | null;
  readonly locale?: string | null;
  readonly timeZone?: string | null;
  readonly providerEmails?: UserRow["providerEmails"];
  readonly providerPhones?: UserRow["providerPhones"];
  /** PHC string. Null makes the user INVITED, except for service accounts, which have no password, and if `isActive` is set. */
  readonly passwordHash: string | null;
  /** Whether somebody else has chosen the password. Default: no. */
  readonly isPasswordTemporary?: boolean;
  /** Whether the user can log in without a password, with an identity provider. */
  readonly isActive?: boolean;
  readonly roleIds: readonly string[];
  readonly teamIds: readonly string[];
}

/** Returns how much a user counts towards the plan's limit `users`. `app.count_usage` counts in the same way. */
export const seatsOf = ({ status, type }: Pick<UserRow, "status" | "type">): number =>
  status === "DISABLED" || type === "OPERATOR" ? 0 : 1;

/** A name that must be unique belongs to another user. */
export class NameTaken extends BadUserInput {}

const taken = (path: string, what: string, value: string) =>
  new NameTaken([{ path, message: `The ${what} ${quote(value)} is already taken.` }]);

/** Maps database errors about a user's names and vendor to problems of the input. */
export function userErrors(
  error: unknown,
  { email, username, externalId }: { readonly email: string; readonly username: string; readonly externalId?: string | null },
): unknown {
  return mapDatabaseError(error, {
    users_external_id_key: () => taken("input.externalId", "external ID", externalId ?? ""),
    users_email_key: () => taken("input.email", "email", email),
    users_username_key: () => taken("input.username", "user name", username),
    // A user name can equal another user's email address, and both are login names.
    login_names_pkey: () =>
      new NameTaken([
        { path: "input.email", message: `The email address ${quote(email)} or the user name ${quote(username)} is already taken.` },
      ]),
    // Deleted after it was looked up.
    user_roles_role_fkey: () => new BadUserInput([{ path: "input.roleIds", message: "One of the roles no longer exists." }]),
    users_vendor_fkey: () => new BadUserInput([{ path: "input.vendorId", message: "No vendor with this ID exists." }]),
  });
}

/** Returns the rows of a user's login names. One row if email address and user name are equal. */
export function loginNameRows({ tenantId, id, email, username }: { tenantId: string; id: string; email: string; username: string }) {
  return [...new Set([loginNameHash(email), loginNameHash(username)])].map((nameHash) => ({ nameHash, tenantId, userId: id }));
}

/** Inserts a user with login names, roles, teams, the key for personal data, audit entry and event. */
export async function writeNewUser(tx: Tx, meta: WriteMeta, user: NewUser): Promise<UserRow> {
  const { roleIds, teamIds, id = newId(), isActive = user.passwordHash !== null || user.type === "SERVICE", ...columns } = user;
  const { tenantId } = meta;
  try {
    const row = await insertUser(tx, { tenantId, id, ...columns, status: isActive ? "ACTIVE" : "INVITED" });
    await insertLoginNames(tx, loginNameRows(row));
    await indexUser(tx, id);
    await insertUserRoles(tx, { tenantId, userId: id, roleIds });
    await insertTeamMemberships(tx, { tenantId, userId: id, teamIds });
    await meta.keyring.create(tx, tenantId, id);
    await writeAudit(tx, meta, [
      {
        action: "user.create",
        entityType: "user",
        entityId: id,
        before: null,
        after: { ...row, roleIds: [...roleIds], teamIds: [...teamIds] },
      },
    ]);
    await appendEvents(tx, meta, [
      {
        type: "user.created",
        subjectId: id,
        subjectVersion: row.version,
        payload: { type: row.type },
        ...(row.vendorId ? { related: { vendor: row.vendorId } } : {}),
      },
    ]);
    await meterUsage(tx, meta, [{ limit: "users", amount: seatsOf(row) }]);
    return row;
  } catch (error) {
    throw userErrors(error, user);
  }
}

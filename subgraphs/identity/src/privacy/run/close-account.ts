import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { endApiKeysOfUser } from "../../api-keys/end-api-keys.js";
import { voidOneTimeTokens } from "../../one-time-tokens/one-time-token.service.js";
import { deleteSecondFactors } from "../../second-factors/delete-factors.js";
import { endSessions } from "../../sessions/logout.service.js";
import { forgetPasswords } from "../../users/password-history.service.js";
import { deleteLoginNamesOfUser, updateUserRow } from "../../users/user.service.js";

/**
 * Takes from a user whatever a login needs: the password and earlier ones, second factors, sessions, API keys, links and login names. Also removes the
 * addresses to which notifications are sent, which are encrypted with the tenant's key. In a restored backup, the user was never disabled.
 */
export async function closeAccount(
  tx: Tx,
  meta: WriteMeta,
  { tenantId, id }: { readonly tenantId: string; readonly id: string },
): Promise<void> {
  // An identity provider no longer finds the user, and creates a new one if the person returns.
  const deprovisionedAt = new Date().toISOString();
  const changes = { status: "DISABLED", passwordHash: null, emailVerifiedAt: null, deprovisionedAt };
  await updateUserRow(tx, { id, changes, raisesRights: true });
  await endSessions({ meta }, tx, { userId: id }, "USER_DISABLED");
  await endApiKeysOfUser(tx, meta, id);
  await voidOneTimeTokens(tx, id);
  await deleteSecondFactors(tx, id);
  await forgetPasswords(tx, id);
  await deleteLoginNamesOfUser(tx, { tenantId, id });
  await tx.execute(
    named(
      "removeDestinationsOfUser",
      sql`update audit.notification_destinations set status = 'REMOVED', address = '', reason = null, updated_at = now()
          where tenant_id = app.tenant() and user_id = ${id}::uuid and status <> 'REMOVED'`,
    ),
  );
}

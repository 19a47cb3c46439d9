import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { deleteLoginNamesOfUser, updateUserRow } from "../../users/user.service.js";

/** Takes from a user whatever a login needs, and the addresses to which notifications are sent, which are encrypted with the tenant's key. */
export async function closeAccount(tx: Tx, { tenantId, id }: { readonly tenantId: string; readonly id: string }): Promise<void> {
  const changes = { status: "DISABLED", passwordHash: null, emailVerifiedAt: null };
  await updateUserRow(tx, { id, changes, raisesRights: true });
  await deleteLoginNamesOfUser(tx, { tenantId, id });
  await tx.execute(
    named(
      "removeDestinationsOfUser",
      sql`update audit.notification_destinations set status = 'REMOVED', address = '', reason = null, updated_at = now()
          where tenant_id = app.tenant() and user_id = ${id}::uuid and status <> 'REMOVED'`,
    ),
  );
}

import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** Rows and columns with hashes of a person's addresses. Whoever knows an address could find out by its hash that it was here, and whose it was. */
const statements: readonly string[] = [
  "update app.mails set destination_hash = '' where tenant_id = app.tenant() and person_id = $person and destination_hash <> ''",
  "update audit.notification_deliveries set address_hash = null where tenant_id = app.tenant() and user_id = $person and address_hash is not null",
  "delete from audit.mail_suppressions where tenant_id = app.tenant() and user_id = $person",
  "delete from audit.text_messages where tenant_id = app.tenant() and user_id = $person",
  "delete from identity.pending_logins where tenant_id = app.tenant() and user_id = $person",
  "update identity.one_time_tokens set email_hash = '' where tenant_id = app.tenant() and user_id = $person and email_hash <> ''",
];

/** Deletes the hashes of a person's addresses. They identify the person, although no register of values contains them. */
export async function deleteAddressHashes(tx: Tx, personId: string): Promise<void> {
  for (const statement of statements) {
    const [before = "", after = ""] = statement.split("$person");
    await tx.execute(named("deleteAddressHashes", sql`${sql.raw(before)}${personId}::uuid${sql.raw(after)}`));
  }
}

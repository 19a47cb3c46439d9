import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/**
 * Returns those of a person's values that others have, too: other users, contacts of vendors, and vendors. Wherever such a value is found, it can be about
 * them. Those of a service user are the organization's, such as the name "Facility Management".
 */
export async function findSharedValues(tx: Tx, personId: string, values: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ value: string }>(
    named(
      "findSharedValues",
      sql`select g.value from jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb) g (value)
           where exists (select from identity.users u where u.tenant_id = app.tenant() and u.id = ${personId}::uuid and u.type = 'SERVICE')
              or exists (
                select from identity.users u where u.tenant_id = app.tenant() and u.id <> ${personId}::uuid
                   and lower(g.value) in (lower(u.name), lower(u.email), lower(u.username), lower(u.phone)))
              or exists (
                select from vendors.vendor_contacts c where c.tenant_id = app.tenant() and c.id <> ${personId}::uuid
                   and lower(g.value) in (lower(c.name), lower(c.email), lower(c.phone)))
              or exists (
                select from vendors.vendors v where v.tenant_id = app.tenant()
                   and lower(g.value) in (lower(v.name), lower(v.email), lower(v.phone)))`,
    ),
  );
  return new Set(rows.map(({ value }) => value));
}

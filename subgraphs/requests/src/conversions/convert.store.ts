import { requests as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { eq, sql } from "drizzle-orm";

const { formerInstances, requests } = tables;

/** Gives a request another type and instance, and increments its own version. */
export async function updateTypeAndInstance(
  tx: Tx,
  id: string,
  changes: Pick<typeof requests.$inferSelect, "typeId" | "instanceId" | "priority">,
  updatedAt: string,
): Promise<void> {
  const values = { ...changes, updatedAt, version: sql`${requests.version} + 1` };
  await named("updateTypeAndInstance", tx.update(requests).set(values).where(eq(requests.id, id)));
}

/** Records the former instance. The timeline of the request shows it. */
export async function insertFormerInstance(tx: Tx, row: Omit<typeof formerInstances.$inferInsert, "convertedAt">): Promise<void> {
  await named("insertFormerInstance", tx.insert(formerInstances).values({ ...row, convertedAt: sql`app.weft_now()` }));
}

/** Not the ID of any vendor. */
const NO_VENDOR = "00000000-0000-0000-0000-000000000000";

/**
 * Hides the words of comments on the former workflow from vendors to which the request is assigned later: their users do not see that workflow. The other
 * sources of words are the request itself and the comments on it.
 */
export async function hideWordsOfWorkflow(tx: Tx, requestId: string): Promise<void> {
  await tx.execute(
    named(
      "hideWordsOfWorkflow",
      sql`with hidden as (
          delete from app.search_words s
           where s.tenant_id = app.tenant() and s.object_type = 'request' and s.object_id = ${requestId}::uuid and s.source_id <> s.object_id
             and s.audience = 'PUBLIC'
             and not exists (select from requests.comments c where c.tenant_id = s.tenant_id and c.id = s.source_id)
          returning s.*
        ) insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, vendor_id, word)
          select tenant_id, object_type, object_id, source_id, audience, ${NO_VENDOR}::uuid, word from hidden`,
    ),
  );
}

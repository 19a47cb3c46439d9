import { named, type Tx } from "@weft/platform/db";
import { type SQL, sql } from "drizzle-orm";

export interface CommentCopies {
  readonly fromId: string;
  readonly toId: string;
  /** Comments to copy; null for all. */
  readonly ids: readonly string[] | null;
  /** Whether public comments stay public. Otherwise, all copies are internal. */
  readonly keepsAudience: boolean;
}

/**
 * Copies comments of a request to another one, with their authors, times, earlier texts, and the words by which they are found. Comments that
 * the other request has, as a copy or as the original of one, are omitted. A copy's ID begins like that of its original, because comments are listed in the order of their IDs. Returns the number of copies.
 */
export async function copyComments(tx: Tx, { fromId, toId, ids, keepsAudience }: CommentCopies): Promise<number> {
  const chosen = ids === null ? sql`true` : sql`c.id = any(${sql.param([...ids])}::uuid[])`;
  const audience = (alias: SQL): SQL => sql`case when ${keepsAudience}::boolean then ${alias}.audience else 'INTERNAL' end`;
  const vendor = (alias: SQL): SQL => sql`case when ${keepsAudience}::boolean then ${alias}.vendor_id end`;
  const inTarget = sql`k.tenant_id = app.tenant() and k.request_id = ${toId}::uuid`;
  const rows = await tx.execute(
    named(
      "copyComments",
      sql`with chosen as materialized (
        select c.*, (left(translate(c.id::text, '-', ''), 16) || right(translate(gen_random_uuid()::text, '-', ''), 16))::uuid as copy_id
          from requests.comments c
         where c.tenant_id = app.tenant() and c.request_id = ${fromId}::uuid and c.deleted_at is null and ${chosen}
           and not exists (select from requests.comments k where ${inTarget} and k.copied_from_id = c.id)
           and not exists (select from requests.comments k where ${inTarget} and k.copied_from_id = c.copied_from_id)
           and not exists (select from requests.comments k where ${inTarget} and k.id = c.copied_from_id)
      ), copied as (
        insert into requests.comments
            (tenant_id, id, request_id, audience, vendor_id, author_id, on_behalf_of, text, mentioned_ids, version, created_at, edited_at, copied_from_id)
          select c.tenant_id, c.copy_id, ${toId}::uuid, ${audience(sql`c`)}, ${vendor(sql`c`)}, c.author_id, c.on_behalf_of, c.text, c.mentioned_ids,
                 c.version, c.created_at, c.edited_at, c.id
            from chosen c
      ), versions as (
        insert into requests.comment_versions (tenant_id, comment_id, version, text, author_id, replaced_at)
          select v.tenant_id, c.copy_id, v.version, v.text, v.author_id, v.replaced_at
            from chosen c join requests.comment_versions v on v.tenant_id = c.tenant_id and v.comment_id = c.id
      ), words as (
        insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, vendor_id, word)
          select s.tenant_id, s.object_type, ${toId}::uuid, c.copy_id, ${audience(sql`s`)}, ${vendor(sql`s`)}, s.word
            from chosen c join app.search_words s on s.tenant_id = c.tenant_id and s.object_id = c.request_id and s.source_id = c.id
      ) select copy_id from chosen`,
    ),
  );
  return rows.length;
}

import { files as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { AttachmentRow } from "@weft/platform/files";
import { and, eq, inArray, or, type SQL, sql } from "drizzle-orm";

const { attachments } = tables;

export interface AttachmentCopies {
  readonly fromId: string;
  readonly toId: string;
  /** Attachments to copy, in addition to those of copied comments; null for all. */
  readonly ids: readonly string[] | null;
  /** Whether shared attachments stay shared. Otherwise, all copies are internal. */
  readonly keepsAudience: boolean;
}

/** Returns the files that are attached to a request. */
export async function findFilesOfRequest(tx: Tx, requestId: string): Promise<string[]> {
  const query = tx
    .select({ id: attachments.fileId })
    .from(attachments)
    .where(and(eq(attachments.objectId, requestId), eq(attachments.objectType, "request")));
  return (await named("findFilesOfRequest", query)).map(({ id }) => id);
}

/**
 * Attaches files of a request to another one, too, as the same users did at the same times. Those of copied comments belong to the copies. Files that
 * the other request has are omitted. The files must be locked.
 */
export async function copyAttachmentRows(tx: Tx, { fromId, toId, ids, keepsAudience }: AttachmentCopies): Promise<AttachmentRow[]> {
  const isChosen: SQL | undefined =
    ids === null ? undefined : or(sql`k.id is not null`, ids.length === 0 ? sql`false` : inArray(attachments.id, [...ids]));
  const shared = (value: SQL): SQL => sql`case when ${keepsAudience}::boolean then ${value} end`;
  const source = sql`select ${attachments.tenantId},
      (left(translate(${attachments.id}::text, '-', ''), 16) || right(translate(gen_random_uuid()::text, '-', ''), 16))::uuid,
      ${attachments.fileId}, ${attachments.objectType}, ${toId}::uuid, coalesce(${shared(sql`${attachments.visibility}`)}, 'INTERNAL'),
      k.id, ${shared(sql`${attachments.vendorId}`)}, ${attachments.createdBy}, ${attachments.createdAt}
    from ${attachments}
    left join requests.comments k
      on k.tenant_id = ${attachments.tenantId} and k.request_id = ${toId}::uuid and k.copied_from_id = ${attachments.commentId}
   where ${and(eq(attachments.objectId, fromId), eq(attachments.objectType, "request"), isChosen)}
   order by ${attachments.id}`;
  return (await tx.execute(
    named(
      "copyAttachmentRows",
      sql`insert into app.attachments
          (tenant_id, id, file_id, object_type, object_id, visibility, comment_id, vendor_id, created_by, created_at)
        ${source}
        on conflict on constraint attachments_object_key do nothing
        returning tenant_id as "tenantId", id, file_id as "fileId", object_type as "objectType", object_id as "objectId", visibility,
          comment_id as "commentId", vendor_id as "vendorId", created_by as "createdBy", created_at as "createdAt"`,
    ),
  )) as unknown as AttachmentRow[];
}

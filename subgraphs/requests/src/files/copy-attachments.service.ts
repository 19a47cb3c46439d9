import { BadUserInput, LimitExceeded, type Problem, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { countOfObject, lockFiles, maxAttachments, tellOfAttachments } from "@weft/platform/files";
import type { Context } from "@weft/api/context";
import { findAttachments } from "./attachment.store.js";
import { type AttachmentCopies, copyAttachmentRows, findFilesOfRequest } from "./copy-attachments.store.js";

/**
 * Attaches files of a request to another one, too. Call it after the comments were copied. Returns the number of copies.
 * @throws LimitExceeded (`attachments`)
 */
export async function copyAttachments(tx: Tx, ctx: Context, copies: AttachmentCopies): Promise<number> {
  // So that none of them is deleted with its last attachment meanwhile.
  await lockFiles(tx, await findFilesOfRequest(tx, copies.fromId));
  const rows = await copyAttachmentRows(tx, copies);
  if (rows.length === 0) return 0;
  const used = await countOfObject(tx, copies.toId);
  if (used > maxAttachments) throw new LimitExceeded({ limit: "attachments", used: used - rows.length, allowed: maxAttachments });
  const entryOf = (row: (typeof rows)[number]) => ({
    action: "attachment.create",
    entityType: "attachment" as const,
    entityId: row.id,
    before: null,
    after: row,
  });
  await writeAudit(tx, ctx.meta, rows.map(entryOf));
  await tellOfAttachments(tx, ctx, "attachment.created", rows);
  return rows.length;
}

/**
 * Returns the UUIDs of attachments of a request that an input names, each once.
 * @throws BadUserInput naming each that the viewer cannot see, or that belongs to another object
 */
export async function attachmentsOfRequest(tx: Tx, ctx: Context, requestId: string, given: readonly string[]): Promise<string[]> {
  const ids = given.map((id, at) => decodeId("attachment", id, `input.attachmentIds.${at}`));
  if (ids.length === 0) return [];
  const visible = new Set((await findAttachments(tx, ctx.viewer, ids)).filter((row) => row.objectId === requestId).map(({ id }) => id));
  const problems: Problem[] = given.flatMap((id, at) =>
    visible.has(ids[at] ?? "")
      ? []
      : [{ path: `input.attachmentIds.${at}`, message: `The request has no attachment with the ID ${quote(id)} that you can see.` }],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
  return [...new Set(ids)];
}

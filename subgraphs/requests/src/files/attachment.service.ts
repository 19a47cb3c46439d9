import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, parseAnyId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { type AttachableType, attachableTypes, attachFiles, deleteFile, lockFile, tellOfAttachments } from "@weft/platform/files";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { DeletePayload, IdInput } from "@weft/api/inputs";
import type { AttachFileInput } from "./attachment.input.js";
import { deleteAttachmentRow, findAttachment, findDeletableAttachment, findObjectSight } from "./attachment.store.js";
import { type AttachmentVisibility, toAttachment, type AttachmentPayload } from "./attachment.type.js";

/** Instances get files only with the answers to forms, and documents of vendors only when they are added: what was reviewed must not change. */
type GivenType = Exclude<AttachableType, "instance" | "vendorDocument">;

const typeNames: Readonly<Record<GivenType, string>> = {
  request: "Request",
  building: "Building",
  asset: "Asset",
  maintenancePlan: "MaintenancePlan",
  task: "Task",
  contract: "Contract",
};

/**
 * Attaches a file to an object. The file then no longer expires.
 * @throws NotFound (object), BadUserInput (file, visibility), LimitExceeded (`attachments`), Conflict (idempotency key)
 */
export async function attachFile(ctx: Context, input: AttachFileInput): Promise<AttachmentPayload> {
  const fileId = decodeId("file", input.fileId, "input.fileId");
  const object = attachableObject(input.objectId);
  return ctx.inTenant(async (tx) => {
    const { isVisible, isInsider } = await findObjectSight(tx, ctx.viewer, object.type, object.uuid);
    if (!isVisible) throw new NotFound(typeNames[object.type], input.objectId);
    const visibility = visibilityFor(input.visibility, isInsider);
    const files = [{ id: fileId, given: input.fileId, path: "input.fileId" }];
    const id = await createOnce(tx, ctx.meta, { mutation: "attachFile", input }, async () => {
      const place = { objectType: object.type, objectId: object.uuid, visibility, commentId: null, vendorId: ctx.viewer.vendorId };
      const [row] = await attachFiles(tx, ctx, { ...place, files, path: "input.fileId" });
      if (row === undefined) throw new Error("The attachment was not returned.");
      return row;
    });
    const attachment = await findAttachment(tx, ctx.viewer, id);
    if (attachment === null)
      throw new BadUserInput([{ path: "input.idempotencyKey", message: "The attachment of this key was deleted. Use a new key." }]);
    return { attachment: toAttachment(attachment) };
  });
}

function visibilityFor(wanted: AttachmentVisibility | null | undefined, isInsider: boolean): AttachmentVisibility {
  if (wanted === "INTERNAL" && !isInsider) {
    const message = "You cannot add internal attachments to this object, because you could not see them. Use SHARED.";
    throw new BadUserInput([{ path: "input.visibility", message }]);
  }
  return wanted ?? (isInsider ? "INTERNAL" : "SHARED");
}

function attachableObject(id: string): { readonly type: GivenType; readonly uuid: string } {
  const parsed = parseAnyId(id);
  const type = attachableTypes.find((attachable): attachable is GivenType => attachable === parsed?.type && attachable in typeNames);
  if (parsed && type) return { type, uuid: parsed.uuid };
  throw new BadUserInput([
    { path: "input.objectId", message: `${quote(id)} is not the ID of a request, building, asset, maintenance plan, task, or contract.` },
  ]);
}

/** Deletes an attachment. If it was the file's last one, the file is deleted too, and a worker deletes its bytes. @throws NotFound, Conflict */
export async function deleteAttachment(ctx: Context, input: IdInput): Promise<DeletePayload> {
  const id = decodeId("attachment", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const attachment = await findDeletableAttachment(tx, ctx.viewer, id);
    if (attachment === null) throw new NotFound("Attachment", input.id);
    if (attachment.objectType === "vendorDocument")
      throw new Conflict(
        "The file is that of a document of a vendor, which does not change. Remove the document with removeVendorDocument.",
      );
    // First, so that of two transactions that delete the last attachments one sees that none is left.
    await lockFile(tx, attachment.fileId);
    await deleteAttachmentRow(tx, id);
    await writeAudit(tx, ctx.meta, [
      { action: "attachment.delete", entityType: "attachment", entityId: id, before: attachment, after: null },
    ]);
    await tellOfAttachments(tx, ctx, "attachment.deleted", [attachment]);
    await deleteFile(tx, ctx.meta, attachment.fileId);
  });
  await wakeWorkers(ctx.services);
  return { id: input.id };
}

import { BadUserInput, LimitExceeded, type Problem } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { checkedFileName, countPendingFiles, findFile, insertFile, normalType, notAccepted } from "@weft/platform/files";
import { createOnce } from "@weft/platform/idempotency";
import { meterUsage } from "@weft/platform/usage";
import type { Context } from "@weft/api/context";
import type { CreateUploadPayload } from "./file-link.type.js";
import { fileLink } from "./file-link.js";
import { type CreateUploadInput, toFile } from "./file.type.js";

/** Uploads of one user whose bytes are awaited. Each reserves storage until it is complete or expires. */
const maxPending = 100;

/**
 * Creates an upload and reserves its storage, so that concurrent uploads together cannot exceed the plan.
 * @throws BadUserInput, LimitExceeded (`storageBytes`, `pendingUploads`), Conflict
 */
export async function createUpload(ctx: Context, input: CreateUploadInput): Promise<CreateUploadPayload> {
  const announced = announcedFile(ctx, input);
  const { tenantId, userId } = ctx.viewer;
  const file = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createUpload", input }, async () => {
      const used = await countPendingFiles(tx, userId);
      if (used >= maxPending) throw new LimitExceeded({ limit: "pendingUploads", used, allowed: maxPending });
      const row = await insertFile(tx, { tenantId, id: newId(), ...announced, createdBy: userId });
      await writeAudit(tx, ctx.meta, [{ action: "file.create", entityType: "file", entityId: row.id, before: null, after: row }]);
      await meterUsage(tx, ctx.meta, [{ limit: "storageBytes", amount: row.size }]);
      return row;
    });
    return findFile(tx, ctx.viewer, id);
  });
  // Only for a repeated call: the upload has expired, or the file was attached to something that the viewer cannot see.
  if (file === null)
    throw new BadUserInput([{ path: "input.idempotencyKey", message: "The upload of this key no longer exists. Use a new key." }]);
  const { url, expiresAt } = fileLink(ctx, file.id, "upload");
  return { file: toFile(file), url, expiresAt };
}

interface AnnouncedFile {
  readonly name: string;
  readonly size: number;
  readonly declaredType: string | null;
  readonly declaredSha256: string | null;
}

/** @throws BadUserInput with every problem */
function announcedFile({ services }: Context, { name, size, type, sha256 }: CreateUploadInput): AnnouncedFile {
  const { maxBytes, types } = services.config.files;
  const checked = checkedFileName("input.name", name);
  const problems: Problem[] = "problems" in checked ? [...checked.problems] : [];
  if (size < 1) problems.push({ path: "input.size", message: "The size must be at least 1 byte. Empty files cannot be uploaded." });
  if (size > maxBytes) problems.push({ path: "input.size", message: `The file has ${size} bytes; at most ${maxBytes} are allowed.` });
  const declaredType = type === null || type === undefined ? null : normalType(type);
  if (declaredType !== null && !types.includes(declaredType)) problems.push({ path: "input.type", message: notAccepted(declaredType) });
  const declaredSha256 = sha256?.toLowerCase() ?? null;
  if (declaredSha256 !== null && !/^[0-9a-f]{64}$/.test(declaredSha256)) {
    problems.push({ path: "input.sha256", message: "A SHA-256 has 64 hexadecimal digits." });
  }
  if (problems.length > 0 || "problems" in checked) throw new BadUserInput(problems);
  return { name: checked.name, size, declaredType, declaredSha256 };
}

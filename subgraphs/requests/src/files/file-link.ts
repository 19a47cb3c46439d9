import { type FilePurpose, issueFileToken, previewOf, previewPurposes } from "@weft/platform/files";
import type { Context } from "@weft/api/context";
import type { FileLink, ImagePreview, PreviewSize } from "./file-link.type.js";
import type { File } from "./file.type.js";

/** Seconds. Long enough to begin a transfer; the rights are checked at that time, too. */
const lifetimes = { upload: 3_600, read: 900 } as const;

/** Returns a link to the bytes of a file (a UUID), for the viewer's session. */
export function fileLink({ viewer, services }: Context, fileId: string, purpose: FilePurpose): FileLink {
  const { tenantId, userId, sessionId } = viewer;
  // True time: links are used outside the tenant, whose clock can differ in a sandbox.
  const expiresAt = Math.floor(Date.now() / 1_000) + (purpose === "upload" ? lifetimes.upload : lifetimes.read);
  const token = issueFileToken(services.keys.refresh, { purpose, tenantId, userId, sessionId, fileId, expiresAt });
  const path = purpose === "upload" ? "/files/uploads/" : "/files/";
  return { url: path + token, expiresAt: new Date(expiresAt * 1_000).toISOString() };
}

/** Returns a link to a preview of an image, for the viewer's session. Null if there is none. */
export function previewLink(ctx: Context, file: File, size: PreviewSize): ImagePreview | null {
  const preview = previewOf(file, size);
  if (preview === null) return null;
  const { url, expiresAt } = fileLink(ctx, file.uuid, previewPurposes[size]);
  return { url, expiresAt, width: preview.width, height: preview.height };
}

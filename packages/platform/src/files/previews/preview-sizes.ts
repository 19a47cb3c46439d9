import type { files } from "@weft/drizzle";
import type { FilePurpose } from "../file-token.js";
import { isDrawable } from "../file-types.js";

type FileRow = typeof files.files.$inferSelect;
export type StoredPreview = files.StoredPreview;
export type PreviewSize = StoredPreview["size"];

/** Largest width and height of each size in pixels, smallest first. Images are never enlarged. */
export const previewPixels: Readonly<Record<PreviewSize, number>> = { SMALL: 160, MEDIUM: 640, LARGE: 1_600 };

export const previewSizes = Object.keys(previewPixels) as readonly PreviewSize[];

/** What the links to previews are for. */
export const previewPurposes = {
  SMALL: "smallPreview",
  MEDIUM: "mediumPreview",
  LARGE: "largePreview",
} as const satisfies Record<PreviewSize, FilePurpose>;

/** Media type of previews. */
export const previewType = "image/webp";

/** Largest file of which previews are made, in bytes. The process that makes them holds it in memory. */
const maxBytes = 40_000_000;

/** Whether previews of a file are to be made. */
export const hasPreviews = ({ type, size }: Pick<FileRow, "type" | "size">): boolean =>
  type !== null && isDrawable(type) && size <= maxBytes;

/** Returns the preview of a size. If the image is smaller than that, returns the one with all its pixels. Null if there are none. */
export const previewOf = ({ status, previews }: Pick<FileRow, "status" | "previews">, size: PreviewSize): StoredPreview | null =>
  status === "STORED" ? (previews?.find((preview) => preview.size === size) ?? previews?.at(-1) ?? null) : null;

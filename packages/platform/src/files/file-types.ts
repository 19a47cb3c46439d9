/** Types that are text, and have no signature. */
export const texts: ReadonlySet<string> = new Set(["text/plain", "text/csv", "text/markdown", "application/json", "text/calendar"]);

/** Container formats, as the content shows them, with the types that files of the format can rightly declare. */
export const containers: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "application/zip",
    [
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ],
  ],
  ["application/x-cfb", ["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook"]],
]);

/** Names of types that mean the same. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ["image/jpg", "image/jpeg"],
  ["image/pjpeg", "image/jpeg"],
  ["image/apng", "image/png"],
  ["image/heic-sequence", "image/heic"],
  ["application/x-pdf", "application/pdf"],
  ["application/x-zip-compressed", "application/zip"],
  ["application/csv", "text/csv"],
  ["audio/mp3", "audio/mpeg"],
  ["audio/x-m4a", "audio/mp4"],
  ["audio/wave", "audio/wav"],
  ["audio/x-wav", "audio/wav"],
  ["audio/vnd.wave", "audio/wav"],
  ["video/x-m4v", "video/mp4"],
]);

/** Images that browsers draw and that cannot contain scripts. Only these are ever shown inside a page. */
const drawable: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]);

export const isDrawable = (type: string): boolean => drawable.has(type);

/** Types that tenants can upload by default. SVG and HTML are missing: they can contain scripts. */
export const defaultFileTypes: readonly string[] = [
  ...drawable,
  "image/heic",
  "image/tiff",
  "image/bmp",
  "application/pdf",
  "application/zip",
  ...[...containers.values()].flat(),
  ...texts,
  "audio/mpeg",
  "audio/mp4",
  "audio/wav",
  "video/mp4",
  "video/quicktime",
  "video/webm",
];

/** Returns a media type in the form in which types are compared: lower case, without parameters, and with one name for each format. */
export function normalType(type: string): string {
  const essence = (type.split(";")[0] ?? "").trim().toLowerCase();
  return synonyms.get(essence) ?? essence;
}

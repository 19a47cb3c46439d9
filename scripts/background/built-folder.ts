import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The fingerprint of the sources of the last build, which its list of files contains; undefined when there is none. */
export const fingerprintIn = (listing: string): string | undefined =>
  existsSync(listing) ? (JSON.parse(readFileSync(listing, "utf8")) as { fingerprint: string }).fingerprint : undefined;

/** The file itself, or all files below a folder, in order. */
export function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

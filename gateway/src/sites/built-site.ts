import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const listing = z.object({
  fingerprint: z.string(),
  files: z.array(z.string()),
  scripts: z.array(z.string()).default([]),
  brotli: z.array(z.string()).default([]),
});

/** A site of static files, as of its last build. */
export interface BuiltSite {
  /** Changes whenever a page changes. */
  readonly fingerprint: string;
  /** Paths of its files, with forward slashes. */
  readonly files: ReadonlySet<string>;
  /** Those of them that the build has also compressed, with brotli, into a file of the same name and `.br`. */
  readonly brotli: ReadonlySet<string>;
  /** SHA-256 hashes of the inline scripts in its pages, in base64. */
  readonly scripts: readonly string[];
}

/**
 * Finds the site in the folder that its build writes. Each call looks for it, and reads its list of files again if it was rebuilt, because a Weft
 * that runs from a checkout builds a site when somebody opens it.
 *
 * @param name the file in the folder that lists the others
 * @returns a function that returns the site, or undefined if it is not built
 */
export function findBuiltSite(folder: string, name: string): () => Promise<BuiltSite | undefined> {
  const path = join(folder, name);
  let known: { modifiedMs: number; site: BuiltSite } | undefined;
  return async () => {
    const found = await stat(path).catch(() => undefined);
    if (!found) return undefined;
    if (known?.modifiedMs !== found.mtimeMs) {
      const { files, brotli, ...rest } = listing.parse(JSON.parse(await readFile(path, "utf8")));
      known = { modifiedMs: found.mtimeMs, site: { ...rest, files: new Set(files), brotli: new Set(brotli) } };
    }
    return known.site;
  };
}

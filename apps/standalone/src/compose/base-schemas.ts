import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A schema that clients may already use. */
export interface BaseSchema {
  /** Name for messages: `the release v1.2.0`. */
  readonly what: string;
  readonly sdl: string;
}

/**
 * Returns the API before the current work: the last release (the newest tag `v…` before HEAD) or, if there is none, the commit where this branch left
 * the main branch. Empty without git, in a shallow clone, and on the main branch itself before any release.
 */
export async function baseSchemas(root: string, file = "schema.graphql"): Promise<BaseSchema[]> {
  const git = async (...args: string[]): Promise<string> => {
    try {
      return (await run("git", args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })).stdout.trimEnd();
    } catch {
      return "";
    }
  };
  const release = await git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD");
  const branches = release === "" ? await Promise.all(["origin/main", "main"].map((branch) => git("merge-base", "HEAD", branch))) : [];
  const base = release === "" ? branches.find((commit) => commit !== "") : release;
  if (base === undefined) return [];
  const sdl = await git("show", `${base}:${file}`);
  return sdl === "" ? [] : [{ what: release === "" ? `the main branch (${base.slice(0, 10)})` : `the release ${release}`, sdl }];
}

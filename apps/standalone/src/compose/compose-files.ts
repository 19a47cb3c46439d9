import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { baseSchemas } from "./base-schemas.js";
import { breakingChanges, notAccepted, parseAcceptances } from "./breaking-changes.js";
import type { Acceptance } from "./breaking-changes.js";
import { writeBuilt } from "./built-file.js";

export interface ComposeOptions {
  /** Directory of the files, and of the git repository if there is one. */
  readonly root: string;
  readonly apiSchema: string;
  /** The files that are not committed, by name in `dist`: the supergraph and the schema of the vendor portal. */
  readonly built: Readonly<Record<string, string>>;
  /** The files that are committed and follow from the schema or the code, by path. */
  readonly derived: Readonly<Record<string, string>>;
  /** `check` writes no committed file, and fails if one is stale. */
  readonly mode: "write" | "check";
  /** Accepts breaking changes, with the reason and the date for the list. */
  readonly accept?: { readonly reason: string; readonly date: string } | undefined;
  readonly say: (line: string) => void;
}

/** File with the accepted breaking changes. A release empties it, because the changes are then part of the release. */
export const acceptedFile = "schema.accepted.json";

/** Writes the files that are not committed into `dist`. */
export function writeBuiltFiles(root: string, files: ComposeOptions["built"]): void {
  for (const [name, text] of Object.entries(files)) writeBuilt(pathToFileURL(join(root, "dist", name)), text);
}

/**
 * Writes the composed schemas, or checks the one that is committed, `schema.graphql`. Fails on changes that break clients of the committed schema, of
 * the last release, or of the main branch, unless `schema.accepted.json` lists them. In that case nothing is written, so that the change cannot get
 * into the next commit unnoticed.
 * @returns whether there are no problems
 */
export async function composeFiles({ root, apiSchema, built, derived, mode, accept, say }: ComposeOptions): Promise<boolean> {
  const read = (name: string): Promise<string | null> => readFile(join(root, name), "utf8").catch(() => null);
  const committed = await read("schema.graphql");
  const bases = [...(committed === null ? [] : [{ what: "the committed schema", sdl: committed }]), ...(await baseSchemas(root))];
  const accepted = parseAcceptances((await read(acceptedFile)) ?? "[]", acceptedFile);
  const changes = new Map(
    bases.flatMap(({ what, sdl }) => notAccepted(breakingChanges(sdl, apiSchema), accepted).map((change) => [change, what])),
  );
  if (changes.size > 0 && accept !== undefined) {
    await writeFile(join(root, acceptedFile), listed([...accepted, { ...accept, changes: [...changes.keys()] }]));
    say(`Recorded ${changes.size} breaking changes in ${acceptedFile}. Commit the file.`);
  } else if (changes.size > 0) {
    for (const [change, what] of changes) say(`Breaking change compared with ${what}: ${change}`);
    say(
      `${changes.size} breaking changes are not accepted in ${acceptedFile}. Add new elements and deprecate the old ones instead, ` +
        `or accept the changes with \`npx --yes pnpm compose --accept "why clients have to change"\`.`,
    );
    return false;
  }
  writeBuiltFiles(root, built);
  const files = Object.entries({ "schema.graphql": apiSchema, ...derived });
  const current = await Promise.all(files.map(([path]) => read(path)));
  const stale = files.filter(([, text], index) => current[index] !== text);
  for (const [path, text] of stale) {
    if (mode === "check") say(`${path} is out of date. Run \`npx --yes pnpm compose\` and commit the result.`);
    else {
      await writeFile(join(root, path), text);
      say(`Wrote ${path}.`);
    }
  }
  return mode === "write" || stale.length === 0;
}

/** @throws Error if the reason is too short */
function listed(acceptances: readonly Acceptance[]): string {
  const text = `${JSON.stringify(acceptances, null, 2)}\n`;
  parseAcceptances(text, acceptedFile);
  return text;
}

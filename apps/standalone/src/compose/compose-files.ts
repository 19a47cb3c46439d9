import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Acceptance, parseAcceptances } from "./acceptances.js";
import { writeBuilt } from "./built-file.js";
import {
  acceptedFile,
  comparedChanges,
  comparedSchemas,
  describedChange,
  howToAccept,
  isAllowed,
  readAcceptances,
} from "./schema-check.js";

export interface ComposeOptions {
  /** Directory of the files, and of the git repository if there is one. */
  readonly root: string;
  readonly apiSchema: string;
  /** The files that are not committed, by name in `dist`: the supergraph and the schema of the vendor portal. */
  readonly built: Readonly<Record<string, string>>;
  /** The files that are committed and follow from the schema or the code, by path. */
  readonly derived: Readonly<Record<string, string>>;
  /** `check` writes no committed file, and fails if one is stale. Then `checkSchema` looks for changes that break clients. */
  readonly mode: "write" | "check";
  /** Today's date, with which the dates of deprecations are compared, and that of what is accepted. */
  readonly today: string;
  /** Accepts breaking changes for a reason: those of these paths, or all if there are none. */
  readonly accept?: { readonly reason: string; readonly paths: readonly string[] } | undefined;
  readonly say: (line: string) => void;
}

/** Writes the files that are not committed into `dist`. */
export function writeBuiltFiles(root: string, files: ComposeOptions["built"]): void {
  for (const [name, text] of Object.entries(files)) writeBuilt(pathToFileURL(join(root, "dist", name)), text);
}

/**
 * Writes the composed schemas, or checks the one that is committed, `schema.graphql`. Writing fails on changes that break clients of the committed schema, of
 * the last release, or of the main branch, unless their deprecation is over or `schema.accepted.json` lists them. In that case nothing is written, so that
 * the change cannot get into the next commit unnoticed.
 * @returns whether there are no problems
 */
export async function composeFiles(options: ComposeOptions): Promise<boolean> {
  const { root, apiSchema, built, derived, mode, say } = options;
  if (mode === "write" && !(await acceptsChanges(options))) return false;
  writeBuiltFiles(root, built);
  const files = Object.entries({ "schema.graphql": apiSchema, ...derived });
  const current = await Promise.all(files.map(([path]) => readFile(join(root, path), "utf8").catch(() => null)));
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

/** Records what is to be accepted. @returns whether every breaking change is allowed then */
async function acceptsChanges({ root, apiSchema, today, accept, say }: ComposeOptions): Promise<boolean> {
  const accepted = await readAcceptances(root);
  const changes = await comparedChanges({ apiSchema, bases: await comparedSchemas(root), accepted, today });
  const open = changes.filter((change) => !isAllowed(change));
  const chosen = accept ? open.filter(({ path }) => accept.paths.length === 0 || accept.paths.includes(path)) : [];
  const unknown = accept?.paths.filter((path) => !open.some((change) => change.path === path)) ?? [];
  if (unknown.length > 0) throw new Error(`Nothing to accept: no breaking change needs it at ${unknown.join(", ")}.`);
  if (accept && chosen.length > 0) {
    const messages = chosen.map(({ message }) => message);
    await writeFile(join(root, acceptedFile), listed([...accepted, { date: today, reason: accept.reason, changes: messages }]));
    say(`Recorded ${chosen.length} breaking changes in ${acceptedFile}. Commit the file.`);
  }
  const left = open.filter((change) => !chosen.includes(change));
  if (left.length === 0) return true;
  for (const change of left) for (const line of describedChange(change)) say(line);
  say(`${left.length} breaking changes are not allowed. ${howToAccept}`);
  return false;
}

/** @throws Error if the reason is too short */
function listed(acceptances: readonly Acceptance[]): string {
  const text = `${JSON.stringify(acceptances, null, 2)}\n`;
  parseAcceptances(text, acceptedFile);
  return text;
}

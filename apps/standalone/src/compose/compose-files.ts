import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { baseSchemas } from "./base-schemas.js";
import { breakingChanges, notAccepted, parseAcceptances } from "./breaking-changes.js";
import type { Acceptance } from "./breaking-changes.js";

export interface ComposeOptions {
  /** Directory of the files, and of the git repository if there is one. */
  readonly root: string;
  readonly supergraphSdl: string;
  readonly apiSchema: string;
  /** The schema of the vendor portal. */
  readonly vendorPortal: string;
  /** `check` writes nothing, and fails if a file is stale. */
  readonly mode: "write" | "check";
  /** Accepts breaking changes, with the reason and the date for the list. */
  readonly accept?: { readonly reason: string; readonly date: string } | undefined;
  readonly say: (line: string) => void;
}

/** File with the accepted breaking changes. A release empties it, because the changes are then part of the release. */
export const acceptedFile = "schema.accepted.json";

/**
 * Writes the composed schemas, or checks them. Fails on changes that break clients of the committed schema, of the last release, or of the main
 * branch, unless `schema.accepted.json` lists them. In that case nothing is written, so that the change cannot get into the next commit unnoticed.
 * @returns whether there are no problems
 */
export async function composeFiles({ root, supergraphSdl, apiSchema, vendorPortal, mode, accept, say }: ComposeOptions): Promise<boolean> {
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
  let isGood = true;
  const files = { "supergraph.graphql": supergraphSdl, "schema.graphql": apiSchema, "vendor-portal.graphql": vendorPortal };
  for (const [name, content] of Object.entries(files)) {
    if ((await read(name)) === content) continue;
    if (mode === "check") {
      say(`${name} is out of date. Run \`npx --yes pnpm compose\` and commit the result.`);
      isGood = false;
    } else {
      await writeFile(join(root, name), content);
      say(`Wrote ${name}.`);
    }
  }
  return isGood;
}

/** @throws Error if the reason is too short */
function listed(acceptances: readonly Acceptance[]): string {
  const text = `${JSON.stringify(acceptances, null, 2)}\n`;
  parseAcceptances(text, acceptedFile);
  return text;
}

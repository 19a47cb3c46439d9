import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { baseSchemas } from "./base-schemas.js";
import { breakingChanges, notAccepted, parseAcceptances } from "./breaking-changes.js";
import type { Acceptance } from "./breaking-changes.js";

export interface ComposeOptions {
  /** Where the files are, and perhaps the git repository. */
  readonly root: string;
  readonly supergraphSdl: string;
  readonly apiSchema: string;
  /** `check` writes nothing, and fails when a file is stale. */
  readonly mode: "write" | "check";
  /** Accepts what breaks clients, with the reason and the day for the list. */
  readonly accept?: { readonly reason: string; readonly date: string } | undefined;
  readonly say: (line: string) => void;
}

/** Where accepted breaking changes stand. A release empties it: what it holds is then part of what was released. */
export const acceptedFile = "schema.accepted.json";

/**
 * Writes the composed schemas, or checks them. What breaks clients of the committed schema, of the last release or of the main branch fails
 * unless `schema.accepted.json` has it; then nothing is written either, so that it cannot slip in with the next commit.
 * @returns whether all is well
 */
export async function composeFiles({ root, supergraphSdl, apiSchema, mode, accept, say }: ComposeOptions): Promise<boolean> {
  const read = (name: string): Promise<string | null> => readFile(join(root, name), "utf8").catch(() => null);
  const committed = await read("schema.graphql");
  const bases = [...(committed === null ? [] : [{ what: "the committed schema", sdl: committed }]), ...(await baseSchemas(root))];
  const accepted = parseAcceptances((await read(acceptedFile)) ?? "[]", acceptedFile);
  const changes = new Map(
    bases.flatMap(({ what, sdl }) => notAccepted(breakingChanges(sdl, apiSchema), accepted).map((change) => [change, what])),
  );
  if (changes.size > 0 && accept !== undefined) {
    await writeFile(join(root, acceptedFile), listed([...accepted, { ...accept, changes: [...changes.keys()] }]));
    say(`Recorded ${changes.size} changes that break clients in ${acceptedFile}. Commit it.`);
  } else if (changes.size > 0) {
    for (const [change, what] of changes) say(`Breaks clients of ${what}: ${change}`);
    say(
      `${changes.size} changes break clients, and ${acceptedFile} does not accept them. Add what is new and deprecate what is old instead, ` +
        `or accept them with \`npx --yes pnpm compose --accept "why clients have to change"\`.`,
    );
    return false;
  }
  let isGood = true;
  for (const [name, content] of Object.entries({ "supergraph.graphql": supergraphSdl, "schema.graphql": apiSchema })) {
    if ((await read(name)) === content) continue;
    if (mode === "check") {
      say(`${name} is stale: run \`npx --yes pnpm compose\` and commit it.`);
      isGood = false;
    } else {
      await writeFile(join(root, name), content);
      say(`Wrote ${name}.`);
    }
  }
  return isGood;
}

/** @throws Error when the reason says nothing */
function listed(acceptances: readonly Acceptance[]): string {
  const text = `${JSON.stringify(acceptances, null, 2)}\n`;
  parseAcceptances(text, acceptedFile);
  return text;
}

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** An operation that the explorer opens in a tab. */
export interface ExampleOperation {
  readonly name: string;
  readonly source: string;
}

/** Reads the `.graphql` files of a folder, by name: `03-places.graphql` becomes the tab "places". A missing folder gives none. */
export async function readExampleOperations(folder: string): Promise<ExampleOperation[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".graphql")).toSorted();
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/^\d+-/, "").replace(/\.graphql$/, ""),
      source: await readFile(join(folder, file), "utf8"),
    })),
  );
}

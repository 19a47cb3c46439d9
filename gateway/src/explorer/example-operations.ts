import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** An operation that the explorer opens in a tab. */
export interface ExampleOperation {
  readonly name: string;
  readonly source: string;
  /** Example variables, as JSON text. */
  readonly variables?: string;
}

/**
 * Reads the `.graphql` files of a folder, by name: `03-places.graphql` becomes the tab "places", with the variables of `03-places.json` if
 * there is one. A missing folder gives none.
 */
export async function readExampleOperations(folder: string): Promise<ExampleOperation[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.filter((name) => name.endsWith(".graphql")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const variables = file.replace(/graphql$/, "json");
      return {
        name: file.replace(/^\d+-/, "").replace(/\.graphql$/, ""),
        source: await readFile(join(folder, file), "utf8"),
        ...(names.includes(variables) && { variables: await readFile(join(folder, variables), "utf8") }),
      };
    }),
  );
}

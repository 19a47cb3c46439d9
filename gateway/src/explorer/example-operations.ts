import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** An example operation in the explorer. */
export interface ExampleOperation {
  readonly name: string;
  /** Group heading in the explorer. */
  readonly group: string;
  readonly source: string;
  /** Example variables, as JSON text. IDs are placeholders such as `"tsk_…"`. */
  readonly variables?: string;
}

const moreExamples = "More";

/**
 * Reads the `.graphql` files of a folder and its subfolders, sorted by name: `2-look-around/3-places.graphql` becomes the operation "places" in the
 * group "Look around", with the variables from `3-places.json` if that file exists. Returns an empty list if the folder does not exist.
 */
export async function readExampleOperations(folder: string): Promise<ExampleOperation[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const groups = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const read = groups.toSorted().map((name) => readGroup(join(folder, name), titleOf(name)));
  return (await Promise.all([...read, readGroup(folder, moreExamples)])).flat();
}

async function readGroup(folder: string, group: string): Promise<ExampleOperation[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.filter((name) => name.endsWith(".graphql")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const variables = file.replace(/graphql$/, "json");
      return {
        name: file.replace(/^\d+-/, "").replace(/\.graphql$/, ""),
        group,
        source: await readFile(join(folder, file), "utf8"),
        ...(names.includes(variables) && { variables: await readFile(join(folder, variables), "utf8") }),
      };
    }),
  );
}

/** "2-look-around" → "Look around" */
export function titleOf(name: string): string {
  const words = name.replace(/^\d+-/, "").replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Returns the name of the operation in a document. GraphiQL uses it as the title of the tab. */
export function operationNameOf({ source, name }: ExampleOperation): string {
  return /^(?:query|mutation|subscription)\s+(\w+)/m.exec(source)?.[1] ?? name;
}

/** Returns the text of the comment above an operation. */
export function descriptionOf({ source }: ExampleOperation): string {
  const lines = source.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^#\s*/, ""))
    .join(" ");
}

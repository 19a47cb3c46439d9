import { readdir, readFile } from "node:fs/promises";

const folder = new URL("../../../examples/", import.meta.url);

/** An operation of `examples/operations`, as the explorer, the demo and the tests run it. */
export interface ExampleOperation {
  /** File name without number and extension: `create-request`. */
  readonly name: string;
  readonly source: string;
}

/** Reads the example operations in the order of their file names. */
export async function loadExampleOperations(): Promise<ExampleOperation[]> {
  const directory = new URL("operations/", folder);
  const files = (await readdir(directory)).filter((file) => file.endsWith(".graphql")).sort();
  return Promise.all(
    files.map(async (file) => ({ name: file.replace(/^\d+-|\.graphql$/g, ""), source: await readFile(new URL(file, directory), "utf8") })),
  );
}

/** The text of a definition of `examples/definitions`, by its key. */
export function loadExampleDefinition(key: string): Promise<string> {
  return readFile(new URL(`definitions/${key}.yaml`, folder), "utf8");
}

import { fileURLToPath } from "node:url";
import { type ExampleOperation, readExampleOperations } from "@weft/gateway";
import { readLibraryFile, libraryFiles } from "@weft/workflows";

const folder = new URL("../../../examples/", import.meta.url);

/** Returns the operations of `examples/operations`, group by group. The name of `3-requests-and-tasks/4-create-request.graphql` is `create-request`. */
export const loadExampleOperations = (): Promise<ExampleOperation[]> =>
  readExampleOperations(fileURLToPath(new URL("operations/", folder)));

/** The definitions in `examples/definitions`. A definition comes after those that it starts. */
export const templates: readonly string[] = libraryFiles.flatMap(({ folder: of, name }) => (of === "definitions" ? [name] : []));

/** Returns the text of a definition in `examples/definitions`, by its key. */
export const loadExampleDefinition = (key: string): Promise<string> => readLibraryFile({ folder: "definitions", name: key });

/** Returns the text of an automation in `examples/automations`, by the name of its file. */
export const loadExampleAutomation = (name: string): Promise<string> => readLibraryFile({ folder: "automations", name });

import { readFileSync } from "node:fs";

let types: ReadonlyMap<string, string> | undefined;

/**
 * Returns the name of the type of a mutation's argument `input`, for documents that a test builds from the mutation's name. From the committed API
 * schema, because several mutations can have one type.
 * @throws Error if there is no such mutation, or it has no such argument
 */
export function inputTypeOf(mutation: string): string {
  types ??= readInputTypes();
  const type = types.get(mutation);
  if (type === undefined) throw new Error(`schema.graphql has no mutation "${mutation}" with the argument "input".`);
  return type;
}

function readInputTypes(): ReadonlyMap<string, string> {
  const sdl = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8").replaceAll(/"""[\s\S]*?"""/g, "");
  const fields = /^type Mutation \{$([\s\S]*?)^\}$/m.exec(sdl)?.[1] ?? "";
  return new Map([...fields.matchAll(/^ {2}(\w+)\([^)]*?\binput: (\w+)/gm)].map(([, name = "", type = ""]) => [name, type]));
}

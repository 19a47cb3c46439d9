import { usageError } from "../cli-error.js";
import type { Result } from "../io.js";
import { outputs, outputSchema, type OutputName } from "../output/outputs.js";

const isOutputName = (name: string): name is OutputName => Object.hasOwn(outputs, name);

/** Returns the schema of the result of a command. Without a name: the names. */
export function schema(name: string | undefined): Result {
  const names = Object.keys(outputs);
  if (name === undefined) return { data: names, text: names.join("\n") };
  if (!isOutputName(name)) throw usageError(`There is no schema ${JSON.stringify(name)}. Schemas: ${names.join(", ")}.`);
  const found = outputSchema(name);
  return { data: found, text: JSON.stringify(found, null, 2) };
}

import { CliError, exitCodes, usageError } from "../cli-error.js";
import type { Io } from "../io.js";
import { pathFrom } from "../settings/settings.js";
import { readText } from "./files.js";

/**
 * Reads values: `name=value` (as JSON if it is, otherwise as text), `@FILE` with a JSON object, or `-` for one on standard input. Later ones count.
 * @throws CliError
 */
export async function readInputs(io: Pick<Io, "cwd" | "readStandardInput">, given: readonly string[]): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const one of given) Object.assign(values, await readOne(io, one));
  return values;
}

async function readOne(io: Pick<Io, "cwd" | "readStandardInput">, given: string): Promise<Record<string, unknown>> {
  if (given === "-") return readObject(await io.readStandardInput(), "Standard input");
  if (given.startsWith("@")) return readObject(readText(pathFrom(io.cwd, given.slice(1)), given.slice(1)), given.slice(1));
  if (given.startsWith("{")) return readObject(given, "The input");
  const at = given.indexOf("=");
  if (at < 1)
    throw usageError(`${JSON.stringify(given)} is not an input. Use name=value, @FILE with a JSON object, or - for standard input.`);
  return { [given.slice(0, at)]: valueOf(given.slice(at + 1)) };
}

/** `count=3` is a number and `name=Ada` a text. A text that looks like a number is written in quotes: `zip='"01099"'`. */
export function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function readObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`, exitCodes.usage, "BAD_JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CliError(`${what} must be a JSON object.`, exitCodes.usage, "BAD_JSON");
  return value as Record<string, unknown>;
}

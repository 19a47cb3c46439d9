import { globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { CliError, exitCodes } from "../cli-error.js";
import { pathFrom, projectFileName } from "../settings/settings.js";

/** The text of a definition, with its file as the user named it. */
export interface DefinitionFile {
  readonly file: string;
  readonly source: string;
  readonly format: "YAML" | "JSON";
}

/** Reads files, and the definitions in folders: `*.yaml`, `*.yml` and `*.json` with a line or member `weft`. @throws CliError */
export function readDefinitionFiles(cwd: string, paths: readonly string[]): DefinitionFile[] {
  const files = [...new Set(paths.flatMap((path) => filesAt(cwd, path)))];
  return files.flatMap(({ file, isNamed }) => {
    const source = readText(pathFrom(cwd, file), file);
    if (!isNamed && !/^\s*"?weft"?\s*:/m.test(source)) return [];
    return [{ file, source, format: source.trimStart().startsWith("{") ? "JSON" : "YAML" } as const];
  });
}

function filesAt(cwd: string, path: string): { file: string; isNamed: boolean }[] {
  const full = pathFrom(cwd, path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (!found) throw new CliError(`${path} does not exist.`, exitCodes.usage, "NO_SUCH_FILE");
  if (!found.isDirectory()) return [{ file: path, isNamed: true }];
  return globSync("**/*.{yaml,yml,json}", { cwd: full, exclude: ["**/node_modules/**", "**/.*"] })
    .filter((name) => basename(name) !== projectFileName)
    .toSorted()
    .map((name) => ({ file: join(path, name), isNamed: false }));
}

export function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(`${shown} cannot be read: ${String((error as NodeJS.ErrnoException).code)}.`, exitCodes.usage, "UNREADABLE_FILE");
  }
}

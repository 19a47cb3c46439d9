import { posix } from "node:path";
import { readImports, type Import } from "./read.ts";

/** An import and its target file. */
export interface Edge extends Import {
  /** Path of the imported file from the root. Null if a package is imported. */
  readonly target: string | null;
}

/** Imports of every file, by its path. */
export type FileGraph = ReadonlyMap<string, readonly Edge[]>;

/** Reads the imports of all sources (path → text). Relative imports get their target file, whether or not it exists. */
export function readGraph(sources: ReadonlyMap<string, string>): FileGraph {
  return new Map(
    [...sources].map(([path, source]) => [
      path,
      readImports(path, source).map((found) => ({
        ...found,
        target: found.specifier.startsWith(".") ? resolve(path, found.specifier, sources) : null,
      })),
    ]),
  );
}

/** Returns only the relative imports of the given files: path → paths. */
export function relativeImports(graph: FileGraph): ReadonlyMap<string, readonly string[]> {
  return new Map([...graph].map(([path, edges]) => [path, edges.flatMap(({ target }) => target ?? [])]));
}

function resolve(path: string, specifier: string, sources: ReadonlyMap<string, string>): string {
  const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
  return sources.has(`${target}x`) ? `${target}x` : target;
}

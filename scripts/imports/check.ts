import { posix } from "node:path";
import { findCycles } from "./cycles.ts";
import { isTest, packageOf, packageProblem } from "./packages.ts";
import { readImports } from "./read.ts";
import { coreProblem, roomProblem } from "./rooms.ts";

/**
 * Checks every import of the given sources (path from the root, with forward slashes → text) against the directions of the architecture.
 *
 * @returns the problems, one line each; none when all is well.
 */
export function checkImports(sources: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, source] of sources) {
    const edges: string[] = [];
    graph.set(path, edges);
    for (const { specifier, line, isType } of readImports(path, source)) {
      const target = specifier.startsWith(".") ? resolve(path, specifier) : null;
      const found = [
        target === null ? null : relativeProblem(path, specifier, target, sources),
        specifier.startsWith("@weft/") ? packageProblem(path, specifier) : null,
        target === null ? null : roomProblem(path, target, isType),
        coreProblem(path, specifier, target),
      ];
      for (const problem of found) if (problem !== null) problems.push(`${path}:${line} ${problem}`);
      if (target !== null && !isType) edges.push(target);
    }
  }
  for (const cycle of findCycles(graph)) {
    // Object types that name each other do it by thunks, which are called when all modules are loaded.
    if (!cycle.every((path) => path.endsWith(".type.ts"))) problems.push(`files import each other in a circle: ${cycle.join(", ")}`);
  }
  return problems;
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
}

function relativeProblem(path: string, specifier: string, target: string, sources: ReadonlyMap<string, string>): string | null {
  if (packageOf(path) !== packageOf(target)) return `reaches into another package (${specifier}): import it by its name`;
  if (isTest(target) && !isTest(path)) return `imports a test (${specifier})`;
  if (target.endsWith(".ts") && !sources.has(target)) return `imports a file that is not there (${specifier})`;
  return null;
}

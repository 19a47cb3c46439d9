import { findCycles } from "./cycles.ts";
import { readGraph, relativeImports } from "./graph.ts";
import { isTest, packageOf, packageProblem, packagesByName } from "./packages.ts";
import { coreProblem, engineRooms, roomProblem } from "./rooms.ts";

/**
 * Checks every import of the given sources (path from the root, with forward slashes → text) against the architecture's import rules.
 *
 * @returns the problems, one line each; empty if there are none
 */
export function checkImports(sources: ReadonlyMap<string, string>): string[] {
  const graph = readGraph(sources);
  const byName = packagesByName(sources.keys());
  const problems: string[] = [];
  for (const [path, edges] of graph) {
    for (const { specifier, target, line, isType } of edges) {
      const found = [
        target === null ? null : relativeProblem(path, specifier, target, sources),
        specifier.startsWith("@weft/") ? packageProblem(path, specifier, byName) : null,
        target === null ? null : roomProblem(path, target, isType),
        coreProblem(path, specifier, target),
      ];
      for (const problem of found) if (problem !== null) problems.push(`${path}:${line} ${problem}`);
    }
  }
  const files = relativeImports(graph);
  return [...problems, ...findCycles(files).map(cycleProblem), ...findCycles(engineRooms(files)).map(roomCycleProblem)];
}

const cycleProblem = (cycle: readonly string[]): string =>
  `files have circular imports (type-only imports count): ${cycle.join(", ")}. Move the shared code into a new file.`;

const roomCycleProblem = (cycle: readonly string[]): string =>
  `modules of the engine have circular imports: ${cycle.join(", ")}. Move the shared code into a module below them.`;

function relativeProblem(path: string, specifier: string, target: string, sources: ReadonlyMap<string, string>): string | null {
  if (packageOf(path) !== packageOf(target)) return `reaches into another package (${specifier}): import it by its name`;
  if (isTest(target) && !isTest(path)) return `imports a test (${specifier})`;
  if (target.endsWith(".ts") && !sources.has(target)) return `imports a file that is not there (${specifier})`;
  return null;
}

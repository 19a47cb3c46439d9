import { posix } from "node:path";
import { findCycles } from "./cycles.ts";
import { readGraph, relativeImports, type FileGraph } from "./graph.ts";
import { levelsOf } from "./levels.ts";
import { isTest, layerOf, packageNamed, packageOf, packagesByName, pointsUp } from "./packages.ts";

/** Number of folders in the report. */
const listedFolders = 12;

/**
 * Describes the import graph of the given sources (path → text) as text: packages and their levels, the largest folders, cycles, and imports that
 * point to a higher layer.
 */
export function describeImports(sources: ReadonlyMap<string, string>): string {
  const graph = readGraph(sources);
  const cycles = findCycles(relativeImports(graph)).map((files) => `  ${files.join(", ")}`);
  const upward = importsThatPointUp(graph);
  return [
    "Packages, highest level first; a package on level 1 imports no other. Levels and imports leave tests out.",
    "",
    ...table([["package", "level", "files", "tests", "levels of files", "imports"], ...packageRows(graph)]),
    "",
    "Largest folders, by the number of files directly in them, without tests",
    "",
    ...table([["folder", "files", "tests"], ...folderRows(sources.keys())]),
    "",
    `Import cycles between files: ${cycles.length === 0 ? "none" : cycles.length}`,
    ...cycles,
    `Imports that point up: ${upward.length === 0 ? "none" : upward.length}`,
    ...upward,
  ].join("\n");
}

function packageRows(graph: FileGraph): string[][] {
  const byName = packagesByName(graph.keys());
  const files = Map.groupBy(
    [...graph.keys()].filter((path) => layerOf(packageOf(path) ?? "") !== -1),
    (path) => packageOf(path) ?? "",
  );
  const imports = new Map(
    [...files].map(([folder, paths]) => {
      const edges = paths.filter((path) => !isTest(path)).flatMap((path) => graph.get(path) ?? []);
      const targets = new Set(edges.map(({ specifier }) => packageNamed(specifier, byName)));
      return [folder, [...targets].filter((target) => target !== undefined && target !== folder) as string[]] as const;
    }),
  );
  const levels = levelsOf(imports);
  const level = (folder: string): number => levels.get(folder) ?? 0;
  const highestFirst = (one: string, other: string): number => level(other) - level(one) || one.localeCompare(other);
  return [...files.keys()].toSorted(highestFirst).map((folder) => {
    const paths = files.get(folder) ?? [];
    const own = paths.filter((path) => !isTest(path));
    return [
      folder,
      String(level(folder)),
      String(own.length),
      String(paths.length - own.length),
      String(levelsOfFiles(graph, own)),
      (imports.get(folder) ?? []).toSorted(highestFirst).join(", "),
    ];
  });
}

/** Returns the number of levels among the files of a package. */
function levelsOfFiles(graph: FileGraph, paths: readonly string[]): number {
  const own = new Map(paths.map((path) => [path, graph.get(path) ?? []]));
  return Math.max(0, ...levelsOf(relativeImports(own)).values());
}

function folderRows(paths: Iterable<string>): string[][] {
  const folders = [...Map.groupBy(paths, (path) => posix.dirname(path))].map(([folder, inside]) => {
    const tests = inside.filter(isTest).length;
    return { folder, tests, files: inside.length - tests };
  });
  return folders
    .toSorted((one, other) => other.files - one.files || one.folder.localeCompare(other.folder))
    .slice(0, listedFolders)
    .map(({ folder, files, tests }) => [folder, String(files), String(tests)]);
}

function importsThatPointUp(graph: FileGraph): string[] {
  const byName = packagesByName(graph.keys());
  return [...graph].flatMap(([path, edges]) =>
    edges.flatMap(({ specifier, target, line }) => {
      const to = target === null ? packageNamed(specifier, byName) : packageOf(target);
      return typeof to === "string" && pointsUp(path, to) ? [`  ${path}:${line} → ${to}`] : [];
    }),
  );
}

/** Formats rows in columns: texts aligned left, numbers aligned right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const isNumber = (rows[0] ?? []).map((_, at) => rows.slice(1).every((row) => /^\d+$/.test(row[at] ?? "")));
  return rows.map((row) =>
    row
      .map((cell, at) => (isNumber[at] === true ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

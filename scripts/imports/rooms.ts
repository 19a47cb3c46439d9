import { posix } from "node:path";
import { isSubgraph, isTest, packageOf } from "./packages.ts";

/** What each room of a feature's folder may import of the rooms of any folder; a store only its own folder may import. */
const below: Readonly<Record<string, readonly string[]>> = {
  type: ["type", "input"],
  input: ["type", "input"],
  resolver: ["type", "input", "service", "store", "loader", "resolver"],
  loader: ["type", "input", "service", "store", "loader"],
  service: ["type", "input", "service", "store", "loader"],
  store: ["type", "input", "store"],
};

function roomOf(path: string): string | null {
  const room = /\.(\w+)\.ts$/.exec(path)?.[1];
  return room !== undefined && room in below ? room : null;
}

/** What is wrong with one file of a subgraph importing another, or null: rooms go down only, and never into another feature's store. */
export function roomProblem(path: string, target: string, isType: boolean): string | null {
  if (!isSubgraph(packageOf(path) ?? "") || isTest(path)) return null;
  const from = roomOf(path);
  const to = roomOf(target);
  if (to === null) return null;
  if (to === "store" && posix.dirname(path) !== posix.dirname(target))
    return `imports another feature's store (${target}): ask its service`;
  // A type's mapper may name the row that its own store reads.
  if (isType) return null;
  if (from !== null && below[from]?.includes(to) !== true)
    return `a ${from} must not import a ${to} (${target}): imports go from resolver to service to store`;
  return null;
}

/** The engine's core is pure: of ours it imports its own files alone, and nothing of Node (no clock, no files, no network); its tests and their fixtures may. */
export function coreProblem(path: string, specifier: string, target: string | null): string | null {
  const core = "packages/engine/src/core/";
  if (!path.startsWith(core) || isTest(path) || path.startsWith(`${core}fixtures/`)) return null;
  if (target !== null && !target.startsWith(core)) return `the engine's core must not import ${target}`;
  if (specifier.startsWith("@weft/") || specifier.startsWith("node:")) return `the engine's core must not import ${specifier}`;
  return null;
}

import { isTest } from "./packages.ts";

/** File kinds that each kind of file in a feature's folder can import, from any folder. Stores can only be imported within their own feature. */
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

/** Returns the feature that a file of a subgraph belongs to: the first folder in `src`, with all its subfolders. */
function featureOf(path: string): string {
  return path.split("/").slice(0, 4).join("/");
}

/**
 * Returns the problem if one file of a subgraph imports another, or null. Imports must follow the order of file kinds, and never lead to another
 * feature's store.
 */
export function roomProblem(path: string, target: string, isType: boolean): string | null {
  if (!path.startsWith("subgraphs/") || isTest(path)) return null;
  const from = roomOf(path);
  const to = roomOf(target);
  if (to === null) return null;
  if (to === "store" && featureOf(path) !== featureOf(target)) return `imports another feature's store (${target}): ask its service`;
  // The mapper in a type file can reference the row type of its own store.
  if (isType) return null;
  if (from !== null && below[from]?.includes(to) !== true)
    return `a ${from} must not import a ${to} (${target}): imports go from resolver to service to store`;
  return null;
}

/**
 * Returns the problem if the engine's core has an impure import, or null. The core can import only its own files of the workspace and no Node modules
 * (no clock, files or network). Its tests and their fixtures are exempt.
 */
export function coreProblem(path: string, specifier: string, target: string | null): string | null {
  const core = "packages/engine/src/core/";
  if (!path.startsWith(core) || isTest(path) || path.startsWith(`${core}fixtures/`)) return null;
  if (target !== null && !target.startsWith(core)) return `the engine's core must not import ${target}`;
  if (specifier.startsWith("@weft/") || specifier.startsWith("node:")) return `the engine's core must not import ${specifier}`;
  return null;
}

/** Returns the folders of the engine's core and store, with the folders that each imports. Tests and fixtures can import any folder. */
export function engineRooms(files: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const rooms = new Map<string, string[]>();
  for (const [path, targets] of files) {
    const from = engineRoomOf(path);
    if (from === null || isTest(path)) continue;
    const others = targets.map(engineRoomOf).filter((to): to is string => to !== null && to !== from);
    rooms.set(from, [...(rooms.get(from) ?? []), ...others]);
  }
  return rooms;
}

function engineRoomOf(path: string): string | null {
  const room = /^(packages\/engine\/src\/(?:core|store)\/([^/]+))\//.exec(path);
  return room?.[1] === undefined || room[2] === "fixtures" ? null : room[1];
}

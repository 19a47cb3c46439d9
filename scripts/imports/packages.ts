/** Folders of the workspace by layer, lowest first. Imports must point to a lower layer. */
const layers: readonly (readonly string[])[] = [
  ["packages/pg-driver"],
  ["drizzle"],
  ["packages/shared"],
  ["packages/platform"],
  ["packages/api"],
  ["packages"],
  ["gateway", "subgraphs"],
  ["apps"],
  ["testkit"],
  ["bench"],
];

/** Folders that contain one package per subfolder. Each of the other folders is a package. */
const groups: ReadonlySet<string> = new Set(["packages", "subgraphs", "apps"]);

/** The only allowed imports between packages of one layer. */
const sameLayer: Readonly<Record<string, readonly string[]>> = {
  "packages/react": ["packages/client"],
  "packages/server": ["packages/client"],
  "apps/standalone": ["apps/worker"],
  "apps/cli": ["apps/standalone"],
};

/** Packages that authors of applications install from npm: they have nothing of the server. */
const forAuthors: ReadonlySet<string> = new Set(["packages/client", "packages/create-weft-app", "packages/react", "packages/server"]);

/** Imports that point to a lower layer but are rejected, with the reason. */
const refused: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gateway: {
    "packages/engine": "workflows are reached through the subgraphs",
    drizzle: "the gateway uses the database through packages/platform",
  },
  "apps/worker": { gateway: "the worker serves no clients" },
};

/** Returns the package that a file belongs to, by its folder (`packages/shared`, `gateway`). `examples` for the examples; null for other files. */
export function packageOf(path: string): string | null {
  const [first = "", second = ""] = path.split("/");
  if (groups.has(first)) return `${first}/${second}`;
  return first === "examples" || layerOf(first) !== -1 ? first : null;
}

/** Returns the layer of a package, starting at 0. Returns -1 if it is in none. */
export function layerOf(folder: string): number {
  const alone = layers.findIndex((layer) => layer.includes(folder));
  const [first = ""] = folder.split("/");
  return alone === -1 ? layers.findIndex((layer) => layer.includes(first)) : alone;
}

/** Returns the packages of the given files, by import name (`@weft/engine` → `packages/engine`). */
export function packagesByName(paths: Iterable<string>): ReadonlyMap<string, string> {
  const folders = [...paths].map((path) => packageOf(path) ?? "").filter((folder) => layerOf(folder) !== -1);
  return new Map(folders.map((folder) => [`@weft/${folder.split("/").at(-1)}`, folder]));
}

/** Returns the package that a specifier (`@weft/platform/config/load`) belongs to. Undefined if the workspace has no package of that name. */
export function packageNamed(specifier: string, byName: ReadonlyMap<string, string>): string | undefined {
  return byName.get(specifier.split("/", 2).join("/"));
}

/** Returns whether a path is that of a test. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** Returns whether an import between two packages points to a higher layer. Tests can import the test kit, which is above everything that they test. */
export function pointsUp(path: string, to: string): boolean {
  const from = packageOf(path);
  return from !== null && layerOf(to) > layerOf(from) && !(to === "testkit" && isTest(path));
}

/** Returns the problem if the file `path` imports the package of `specifier` (`@weft/…`), or null. */
export function packageProblem(path: string, specifier: string, byName: ReadonlyMap<string, string>): string | null {
  const from = packageOf(path);
  if (from === null) return null;
  const to = packageNamed(specifier, byName);
  if (to === undefined) return `imports ${specifier}, which is not a package of the workspace`;
  if (from === to) return `imports its own package by name (${specifier}): use a relative path`;
  if (from === "examples") return forAuthors.has(to) ? null : `imports ${to}: an example must work when it is copied alone`;
  if (to === "testkit" && !isTest(path) && from !== "bench") return "imports the test kit, which only *.test.ts files and bench may";
  if (specifier.endsWith("/testing") && !isTest(path) && to !== "testkit") return `imports ${specifier}, which only *.test.ts files may`;
  if (pointsUp(path, to)) return `imports ${to}, which points up: ${from} is below it`;
  if (layerOf(from) === layerOf(to) && sameLayer[from]?.includes(to) !== true)
    return `imports ${to}, which is in the same layer as ${from}`;
  if (forAuthors.has(from) && !forAuthors.has(to) && !isTest(path)) return `imports ${to}: authors install ${from} without the server`;
  const reason = refused[from]?.[to];
  return reason === undefined ? null : `imports ${to}: ${reason}`;
}

const subgraphs = ["identity", "workflows", "requests", "vendors", "audit"];
const below = ["engine", "shared", "drizzle"];
const everything = ["gateway", "worker", ...subgraphs, ...below];

/** Which packages a package may import: `standalone → gateway, worker, subgraphs → engine → shared → drizzle`, `gateway → shared`. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  drizzle: [],
  shared: ["drizzle"],
  engine: ["shared", "drizzle"],
  ...Object.fromEntries(subgraphs.map((name) => [name, below])),
  gateway: ["shared"],
  worker: [...subgraphs, ...below],
  standalone: everything,
  testkit: ["standalone", ...everything],
  bench: ["testkit", "standalone", ...everything],
  // What a reader copies stands by itself.
  examples: [],
};

/** `packages/shared/src/x.ts` → `shared`; null outside the packages. */
export function packageOf(path: string): string | null {
  const [first = "", second = ""] = path.split("/");
  if (first === "packages" || first === "subgraphs") return second;
  return first in allowed ? first : null;
}

export function isSubgraph(name: string): boolean {
  return subgraphs.includes(name);
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** What is wrong with `path` importing the package of `specifier` (`@weft/…`), or null. */
export function packageProblem(path: string, specifier: string): string | null {
  const from = packageOf(path);
  const to = specifier.split("/")[1] ?? "";
  if (from === null) return null;
  if (!(to in allowed)) return `${specifier} is no package of the workspace`;
  if (from === to) return `imports its own package by name (${specifier}): use a relative path`;
  if (to === "testkit" && (isTest(path) || from === "bench")) return null;
  if (to === "testkit") return "imports the test kit, which only *.test.ts and bench may";
  if (allowed[from]?.includes(to) !== true)
    return `${from} must not import ${to} (it may import ${allowed[from]?.join(", ") || "no package"})`;
  return null;
}

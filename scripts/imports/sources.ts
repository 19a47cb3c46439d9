import { globSync, readFileSync } from "node:fs";
import { sep } from "node:path";

const patterns = [
  "{drizzle,gateway,testkit,bench}/src/**/*.ts",
  "{apps,packages,subgraphs}/*/src/**/*.{ts,tsx}",
  "scripts/**/*.ts",
  "docs-site/{src,.vitepress}/**/*.ts",
  "examples/clients/{shared,apollo,urql,relay}/*.{ts,tsx}",
  "examples/dashboard/*.ts",
];

/** Returns every source file of the repository: path from the root, with forward slashes → text. */
export function readSources(): ReadonlyMap<string, string> {
  return new Map(globSync(patterns).map((path) => [path.split(sep).join("/"), readFileSync(path, "utf8")]));
}

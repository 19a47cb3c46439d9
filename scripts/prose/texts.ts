import { globSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { lintMarkdown, lintPieces, type Violation } from "./lint.ts";
import { messagePieces, schemaPieces } from "./pieces.ts";

const prose = [
  "{README,CONTRIBUTING,CHANGELOG}.md",
  "{docs,examples,bench}/**/*.md",
  "{packages,apps,subgraphs,gateway,drizzle,testkit}/**/*.md",
  "schema.graphql",
  "{gateway,drizzle}/src/**/*.ts",
  "{packages,apps,subgraphs}/*/src/**/*.ts",
];
/** Excludes the schema's pages, which repeat descriptions that are checked in schema.graphql, and those of the packages, which are mostly types. */
const isOurs = (path: string): boolean =>
  !/(?:^|\/)(?:node_modules|dist|\.weft[^/]*|testkit)\/|\.test\.ts$|^docs\/reference\/schema\/|^docs\/reference\/packages\/(?!index)/.test(
    path,
  ) || /^testkit\/[^/]*\.md$/.test(path);

/** Returns the files whose prose is checked. */
export const proseFiles = (root: string): string[] =>
  globSync(prose, { cwd: root, exclude: (entry) => /(?:^|\/)(?:node_modules|dist)$/.test(entry) })
    .map((path) => path.split(sep).join("/"))
    .filter(isOurs)
    .sort();

/** Lists the violations in a file. */
export async function lintFile(path: string, text: string): Promise<Violation[]> {
  if (path.endsWith(".md")) return lintMarkdown(text);
  return lintPieces(path.endsWith(".graphql") ? schemaPieces(text) : messagePieces(path, text));
}

/** Returns the violations by path. Clean files are omitted. */
export async function lintFiles(root: string, paths: readonly string[]): Promise<Map<string, readonly Violation[]>> {
  const found = new Map<string, readonly Violation[]>();
  for (const path of paths) {
    const violations = await lintFile(path, readFileSync(new URL(path, new URL(`file://${root}/`)), "utf8"));
    if (violations.length > 0) found.set(path, violations);
  }
  return found;
}

// `pnpm indexes`: adds to each index what the files of a folder declare, so that nobody registers an aggregate by hand. `--check` only compares.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { pathToFileURL } from "node:url";

/** What a file declares for an index. */
interface Declaration {
  readonly name: string;
  readonly from: string;
}

interface Index {
  readonly file: string;
  /** Pattern of the paths of the files that it lists. */
  readonly files: string;
  /** Finds the names of the constants that such a file declares for the index. */
  readonly declaration: RegExp;
  /** Finds a declaration in another form, which the index would lack, and says which form is required. */
  readonly otherForm?: { readonly found: RegExp; readonly required: string };
  readonly line: (declaration: Declaration) => string;
  /** Lines above and below those of the declarations. */
  readonly above?: (declarations: readonly Declaration[]) => readonly string[];
  readonly below?: readonly string[];
}

const camelCase = (name: string): string => name.replaceAll(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());

/** Returns the paths of the files, with slashes on Windows, too. */
const pathsOf = (pattern: string, root: string): string[] =>
  globSync(pattern, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();

const indexes = (root: string): readonly Index[] => [
  ...pathsOf("subgraphs/*", root).map((subgraph) => ({
    file: `${subgraph}/src/modules.ts`,
    files: `${subgraph}/src/**/*.ts`,
    declaration: /^export const (\w+): SubgraphModule = /gm,
    otherForm: { found: /satisfies SubgraphModule/, required: "export const NAME: SubgraphModule = …" },
    line: ({ name, from }: Declaration) => `export { ${name} } from "${from}";`,
  })),
  {
    file: "packages/shared/src/aggregates/all.ts",
    files: "packages/shared/src/aggregates/*.ts",
    declaration: /^export const (\w+) = \{\n(?:(?!\}).*\n)*\} as const satisfies Aggregate;$/gm,
    otherForm: { found: /: Aggregate = /, required: "export const NAME = { … } as const satisfies Aggregate;" },
    above: (declarations) => [
      ...declarations.map(({ name, from }) => `import { ${name} } from "${from}";`),
      "",
      "/** Every aggregate. The order of the types of objects shows in the API. */",
      "export const aggregates = [",
    ],
    line: ({ name }) => `  ${name},`,
    below: ["] as const;"],
  },
  {
    file: "drizzle/src/tables/index.ts",
    files: "drizzle/src/tables/*.ts",
    declaration: /^export const (\w+) = facts\(/gm,
    line: ({ from }) => `export * as ${camelCase(posix.basename(from, ".js"))} from "${from}";`,
  },
];

const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** Returns the text of an index. Its lines keep their order, and new ones come last. */
function textOf(root: string, { file, files, declaration, otherForm, line, above, below = [] }: Index): string {
  const declarations = pathsOf(files, root).flatMap((path): Declaration[] => {
    const text = read(`${root}/${path}`);
    if (otherForm?.found.test(text) === true) throw new Error(`${path} is missing in ${file}. Write ${otherForm.required}`);
    const from = `./${posix.relative(posix.dirname(file), path).replace(/ts$/, "js")}`;
    return [...text.matchAll(declaration)].map(([, name = ""]) => ({ name, from }));
  });
  const declared = [...new Set(declarations.map(line))];
  const present = read(`${root}/${file}`)
    .split("\n")
    .filter((each) => declared.includes(each));
  const added = declared.filter((each) => !present.includes(each));
  return ["// Written by `pnpm indexes`.", ...(above?.(declarations) ?? []), ...present, ...added, ...below, ""].join("\n");
}

/** Returns the indexes that are out of date, with their new texts. */
const outdatedIndexes = (root: string): { readonly file: string; readonly text: string }[] =>
  indexes(root)
    .map((index) => ({ file: index.file, text: textOf(root, index) }))
    .filter(({ file, text }) => read(`${root}/${file}`) !== text);

/** Writes the indexes that are out of date. Returns their paths. */
export function writeIndexes(root: string): string[] {
  const outdated = outdatedIndexes(root);
  for (const { file, text } of outdated) writeFileSync(`${root}/${file}`, text);
  return outdated.map(({ file }) => file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (!process.argv.includes("--check")) writeIndexes(process.cwd());
  const outdated = outdatedIndexes(process.cwd()).map(({ file }) => file);
  if (outdated.length > 0) throw new Error(`Out of date: ${outdated.join(", ")}. Run pnpm indexes.`);
}

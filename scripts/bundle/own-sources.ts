import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The folders of the packages whose sources the programs consist of. */
const groups = ["apps", "packages", "subgraphs"];
const alone = ["drizzle", "gateway"];

/**
 * Returns a function that finds the source file of an import: `@weft/x` is `src/index.ts` of that package, `@weft/x/sub` is `src/sub/index.ts` or `src/sub.ts`, and `./y.js` of a
 * source is `./y.ts`. It returns undefined for dependencies.
 */
export function sourceOfImport(root: string): (specifier: string, importer: string | undefined) => string | undefined {
  const folders = [...alone, ...groups.flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))];
  const packages = new Map(folders.map((folder) => [`@weft/${folder.split("/").at(-1)}`, join(root, folder, "src")]));
  return (specifier, importer) => {
    if (/^\.{1,2}\//.test(specifier))
      return importer?.endsWith(".ts") === true ? join(importer, "..", specifier.replace(/\.js$/, ".ts")) : undefined;
    const [, name = "", file = "index"] = /^(@weft\/[^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
    const folder = packages.get(name);
    if (folder === undefined) return undefined;
    const module = join(folder, file, "index.ts");
    return existsSync(module) ? module : join(folder, `${file}.ts`);
  };
}

import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import { toAscii } from "./ascii.ts";
import { ownMappings } from "./own-mappings.ts";
import { loadOnDemand, onDemandOf } from "./on-demand.ts";
import { type ProgramName, programs } from "./programs.ts";

/**
 * Packages that remain in node_modules: native code (argon2, bcrypt), and packages that find their own files by their location. Patched packages are bundled
 * as they are in node_modules, with the patch.
 */
const apart = new Set([
  "@node-rs/argon2",
  "@node-rs/bcrypt",
  "@seriousme/openapi-schema-validator",
  "commander",
  "mrml",
  "node-pg-migrate",
  "piscina",
  "ruru/server",
  "ruru/static",
]);

/** pino starts threads for transports, which Weft does not use. */
const withoutThreads = /\/node_modules\/thread-stream\//;

/** Packages that a dependency loads only if they are installed. They are not. */
const absent = new Set(["class-validator", "pg-native"]);

export interface BundleOptions {
  /** Root of the workspace, which is built. */
  readonly root: string;
  readonly program: ProgramName;
  /** Folder of the result. Default: `dist` in the root. */
  readonly folder?: string;
  /** Whether the points of fault tests can be armed in it. See `chaos` in shared. Default: no. */
  readonly canBeArmed?: boolean;
}

/**
 * Bundles a built program and all that it imports into `dist/PROGRAM.js`. What it imports dynamically is in files beside it. A bundle starts in half
 * the time of its some 3,000 modules. Source maps lead to the TypeScript sources; dependencies have none, because Node.js parses the map of each file
 * at its start.
 */
export async function bundle({ root, program, folder = join(root, "dist"), canBeArmed = false }: BundleOptions): Promise<void> {
  const entry = join(root, programs[program]);
  const build = await rolldown({
    input: { [program]: entry },
    cwd: root,
    platform: "node",
    ...(canBeArmed && { resolve: { alias: { "#chaos": join(root, "packages/shared/dist/chaos/armed.js") } } }),
    logLevel: "warn",
    preserveEntrySignatures: false,
    plugins: [locate({ root, folder })],
  });
  const { output } = await build.write({
    dir: folder,
    format: "esm",
    sourcemap: "hidden",
    sourcemapExcludeSources: true,
    // type-graphql and error codes use the names of classes.
    keepNames: true,
    comments: false,
    entryFileNames: "[name].js",
    chunkFileNames: `${program}.[name].js`,
    // Apart from our code, and without a source map: Node.js measures each line of a file with a map at its start.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: "dependencies", test: /\/node_modules\//, tags: ["$initial"] }],
    },
  });
  await build.close();
  for (const file of output) {
    if (file.type !== "chunk") continue;
    const path = join(folder, file.fileName);
    writeFileSync(path, toAscii(file.code));
    if (!file.map) continue;
    const map = ownMappings(file.map);
    rmSync(`${path}.map`);
    if (map.sources.length === 0) continue;
    writeFileSync(`${path}.map`, JSON.stringify(map));
    appendFileSync(path, `//# sourceMappingURL=${file.fileName}.map\n`);
  }
}

/**
 * Leaves some packages in node_modules, and reads the other files. In a bundle, `import.meta.url` of a module is still the address of its own file,
 * because modules find files by it. Only the supervisor's own is that of the bundle: it starts the bundled server beside it.
 */
function locate({ root, folder }: { root: string; folder: string }): Plugin {
  const supervisor = join(root, programs.main);
  const fromFolder = (path: string): string => `./${relative(folder, path)}`.replace("./..", "..");
  return {
    name: "weft-locate",
    async resolveId(source, importer, options) {
      if (absent.has(source)) return { id: source, external: true };
      if (!apart.has(source) && !(importer !== undefined && onDemandOf(importer)?.includes(source))) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (!resolved) throw new Error(`${source}, imported by ${importer}, is not installed.`);
      return { id: fromFolder(resolved.id), external: true };
    },
    load: {
      filter: { id: /\.[cm]?js$/ },
      handler(id) {
        if (!existsSync(id)) return null;
        const code = readFileSync(id, "utf8");
        if (id.includes("/node_modules/")) {
          if (/\bimport\.meta\.(?:url|filename|dirname)\b|\bnew Worker\(/.test(code) && !withoutThreads.test(id))
            throw new Error(`${relative(root, id)} finds files by its location. Add its package to \`apart\` in scripts/bundle/bundle.ts.`);
          const packages = onDemandOf(id);
          return packages ? { code: loadOnDemand(code, packages) } : null;
        }
        const map = JSON.parse(readFileSync(`${id}.map`, "utf8")) as { sources: string[]; mappings: string };
        const located =
          id === supervisor ? code : code.replaceAll("import.meta.url", `new URL(${JSON.stringify(fromFolder(id))}, import.meta.url).href`);
        return { code: located, map: { ...map, sources: map.sources.map((source) => join(dirname(id), source)) } };
      },
    },
  };
}

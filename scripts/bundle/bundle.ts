import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import { toAscii } from "./ascii.ts";
import { ownMappings } from "./own-mappings.ts";
import { loadOnDemand, onDemandOf } from "./on-demand.ts";
import { type ProgramName, sourceOf } from "./programs.ts";
import { sourceOfImport } from "./own-sources.ts";

/**
 * Packages that remain in node_modules: native code (argon2, bcrypt, sharp), and packages that find their own files by their location. Patched packages are bundled
 * as they are in node_modules, with the patch.
 */
const apart = new Set([
  "@node-rs/argon2",
  "@node-rs/bcrypt",
  "@seriousme/openapi-schema-validator",
  "commander",
  "mrml",
  "node-pg-migrate",
  "pdfmake",
  "pdfmake/fonts/Roboto.js",
  "piscina",
  "ruru/server",
  "ruru/static",
  "sharp",
]);

/** pino starts threads for transports, which Weft does not use. */
const withoutThreads = /\/node_modules\/thread-stream\//;

/** Packages that a dependency loads only if they are installed. They are not. */
const absent = new Set(["class-validator", "pg-native"]);

export interface BundleOptions {
  /** Root of the workspace. */
  readonly root: string;
  readonly program: ProgramName;
  /** Folder of the result. Default: `dist` in the root. */
  readonly folder?: string;
  /** Whether the points of fault tests can be armed in it. See `chaos` in packages/platform. Default: no. */
  readonly canBeArmed?: boolean;
  /** Receives the files of the packages that remain outside, by the name by which they are then imported. Default: the bundle imports them by path. */
  readonly onDependency?: (name: string, file: string) => void;
}

type Bundling = Omit<BundleOptions, "program" | "folder" | "canBeArmed"> & Required<Pick<BundleOptions, "folder" | "canBeArmed">>;

/**
 * Bundles the sources of a program and all that it imports into `dist/PROGRAM.js`, without type checking. What it imports dynamically, and the scripts of its
 * threads and processes, are in files beside it. A bundle starts in half the time of its some 3,000 modules, and making it takes a quarter of the
 * processor time of compiling them. Source maps lead to the TypeScript sources; dependencies have none, because Node.js parses the map of each file at its
 * start.
 */
export async function bundle({ program, ...options }: BundleOptions): Promise<void> {
  const { root } = options;
  const bundling: Bundling = { folder: join(root, "dist"), canBeArmed: false, ...options };
  const scripts = [join(root, sourceOf(program))];
  // A script can have scripts of its own.
  for (const entry of scripts) {
    const name = entry === scripts[0] ? program : `${program}.${basename(entry, ".ts")}`;
    const found = await bundleScript({ ...bundling, entry, name });
    scripts.push(...found.filter((script) => !scripts.includes(script)));
  }
}

interface ScriptOptions extends Bundling {
  /** The source file. */
  readonly entry: string;
  /** Name of the result, which begins with that of its program. */
  readonly name: string;
}

/** @returns the source files of the scripts that it starts */
async function bundleScript({ entry, name, ...bundling }: ScriptOptions): Promise<string[]> {
  const { root, folder } = bundling;
  const found = new Set<string>();
  const build = await rolldown({
    input: { [name]: entry },
    cwd: root,
    platform: "node",
    // As the compiler of tsconfig.base.json.
    tsconfig: false,
    transform: { target: "es2024", decorator: { legacy: true, emitDecoratorMetadata: false } },
    logLevel: "warn",
    preserveEntrySignatures: "allow-extension",
    plugins: [locate({ ...bundling, program: name.split(".")[0] ?? name, found })],
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
    chunkFileNames: `${name}.[name].js`,
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
  return [...found];
}

/** How a bundle imports the script of a source file. */
const scriptOf = (program: string, path: string): string => `./${program}.${basename(path, ".ts")}.js`;

/** A script beside the module that starts it: the source in tests, its bundle otherwise. */
const besideSource = /`(?:\.\/)?([\w-]+)\$\{extname\(import\.meta\.filename\)\}`/g;

interface LocateOptions extends Bundling {
  readonly program: string;
  /** Receives the source files of the scripts that the modules start. */
  readonly found: Set<string>;
}

/**
 * Reads the sources of own packages, and leaves some packages in node_modules. In a bundle, `import.meta.url` of a module is still the address of its
 * own file, because modules find files by it. Only scripts are beside the bundle: those of threads and processes, and the server that the supervisor starts.
 */
function locate({ root, folder, program, canBeArmed, found, onDependency }: LocateOptions): Plugin {
  const supervisor = join(root, sourceOf("main"));
  // What is given to others has the bundles in `dist`, and the files that they read at their places in the repository.
  const place = onDependency ? join(root, "dist") : folder;
  const fromFolder = (path: string): string => `./${relative(place, path)}`.replace("./..", "..");
  const sourceIn = sourceOfImport(root);
  return {
    name: "weft-locate",
    async resolveId(source, importer, options) {
      if (source === "#chaos") return join(root, `packages/platform/src/chaos/${canBeArmed ? "armed" : "off"}.ts`);
      // The handler below replaces the imports of scripts when it loads the importer. Sources can have such names, too: `./gateway.js`.
      if ([...found].some((script) => source === scriptOf(program, script))) return { id: source, external: true };
      const own = sourceIn(source, importer);
      if (own !== undefined) return own;
      if (absent.has(source)) return { id: source, external: true };
      if (!apart.has(source) && !(importer !== undefined && onDemandOf(importer)?.includes(source))) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (!resolved) throw new Error(`${source}, imported by ${importer}, is not installed.`);
      if (!onDependency) return { id: fromFolder(resolved.id), external: true };
      onDependency(source, resolved.id);
      return { id: source, external: true };
    },
    load: {
      filter: { id: /\.(?:[cm]?js|ts)$/ },
      handler(id) {
        if (id.startsWith("\0")) return null;
        const code = readFileSync(id, "utf8");
        if (id.includes("/node_modules/")) {
          if (/\bimport\.meta\.(?:url|filename|dirname)\b|\bnew Worker\(/.test(code) && !withoutThreads.test(id))
            throw new Error(`${relative(root, id)} finds files by its location. Add its package to \`apart\` in scripts/bundle/bundle.ts.`);
          const packages = onDemandOf(id);
          return packages ? { code: loadOnDemand(code, packages) } : null;
        }
        if (id === supervisor) return null;
        let startsScripts = false;
        const withScripts = code.replaceAll(besideSource, (_text, script: string) => {
          const path = join(id, "..", `${script}.ts`);
          found.add(path);
          startsScripts = true;
          return JSON.stringify(scriptOf(program, path));
        });
        if (startsScripts) return { code: withScripts };
        return code.includes("import.meta.url")
          ? { code: code.replaceAll("import.meta.url", `new URL(${JSON.stringify(fromFolder(id))}, import.meta.url).href`) }
          : null;
      },
    },
  };
}

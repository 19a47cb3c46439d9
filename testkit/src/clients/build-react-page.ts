import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The part of Vite that we use. It is installed with examples/clients, not with the workspace. */
interface Vite {
  readonly defaultClientConditions: readonly string[];
  readonly build: (options: object) => Promise<unknown>;
}

const examples = new URL("../../../examples/clients/package.json", import.meta.url);
const page = fileURLToPath(new URL("../../../packages/react/src/testing/page/", import.meta.url));

async function loadVite(): Promise<Vite> {
  let path: string;
  try {
    path = createRequire(examples).resolve("vite");
  } catch (cause) {
    throw new Error(
      "examples/clients is not installed. `pnpm test:hard` does it; by hand: `npx --yes pnpm exec node scripts/install-apart.ts`.",
      { cause },
    );
  }
  return (await import(pathToFileURL(path).href)) as Vite;
}

/**
 * Builds the page of the tests of `@weft/react` from the sources. Takes a second.
 *
 * @returns the files by the paths at which they are served
 */
export async function buildReactPage(): Promise<Record<string, string>> {
  const { build, defaultClientConditions } = await loadVite();
  const built = mkdtempSync(join(tmpdir(), "weft-react-"));
  try {
    await build({
      root: page,
      configFile: false,
      logLevel: "error",
      resolve: { conditions: ["weft-source", ...defaultClientConditions] },
      // Development mode: React reports mistakes, and StrictMode renders twice.
      mode: "development",
      define: { "process.env.NODE_ENV": JSON.stringify("development") },
      build: { outDir: built, emptyOutDir: true, minify: false },
    });
    const paths = globSync("**/*.{html,js}", { cwd: built }).map((path) => path.split(sep).join("/"));
    return Object.fromEntries(paths.map((path) => [`/${path.replace(/index\.html$/, "")}`, readFileSync(join(built, path), "utf8")]));
  } finally {
    rmSync(built, { recursive: true });
  }
}

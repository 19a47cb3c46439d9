import { execFile } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const folder = fileURLToPath(new URL("../../../examples/clients/", import.meta.url));

function assertInstalled(): void {
  if (!existsSync(join(folder, "node_modules")))
    throw new Error(
      "examples/clients is not installed. `pnpm test:hard` does it; by hand: `npx --yes pnpm exec node scripts/install-apart.ts`.",
    );
}

/** Runs a program of the example clients. The pages that it builds call Weft at this URL. */
async function run(weftUrl: string, program: string, ...args: string[]): Promise<void> {
  const env = { PATH: process.env["PATH"], VITE_WEFT_URL: weftUrl };
  await promisify(execFile)(process.execPath, [join(folder, "node_modules", program), ...args], { cwd: folder, env });
}

/** Calls a function that builds pages in an empty folder. Returns the files by the paths at which they are served. */
async function filesOf(build: (built: string) => Promise<void>): Promise<Record<string, string>> {
  const built = mkdtempSync(join(tmpdir(), "weft-clients-"));
  try {
    await build(built);
    const paths = globSync("**/*.{html,js,css}", { cwd: built }).map((path) => path.split(sep).join("/"));
    return Object.fromEntries(paths.map((path) => [`/${path.replace(/index\.html$/, "")}`, readFileSync(join(built, path), "utf8")]));
  } finally {
    rmSync(built, { recursive: true });
  }
}

/**
 * Builds the pages of `examples/clients` as `pnpm build` does there. Takes a few seconds.
 *
 * @param weftUrl URL that the pages call
 * @returns the files by the paths at which they are served
 */
export async function buildClients(weftUrl: string): Promise<Record<string, string>> {
  assertInstalled();
  await run(weftUrl, "@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.json");
  await run(weftUrl, "relay-compiler/cli.js");
  return filesOf((built) => run(weftUrl, "vite/bin/vite.js", "build", "--outDir", built, "--emptyOutDir"));
}

/** Builds the page of `examples/dashboard`, as `buildClients` does. */
export async function buildDashboard(weftUrl: string): Promise<Record<string, string>> {
  assertInstalled();
  return filesOf((built) => run(weftUrl, "vite/bin/vite.js", "build", "../dashboard", "--outDir", built, "--emptyOutDir"));
}

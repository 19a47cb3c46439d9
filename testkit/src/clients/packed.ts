import { execFile } from "node:child_process";
import { readdirSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { join } from "node:path";

/** The repository's root. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Project with the programs that check packages and generate a client for the REST API. */
export const packageChecks = join(root, "testkit/package-checks");

/**
 * Runs a program to its end. Returns what it has written to its standard output.
 * @param environment variables in addition to those of this process
 */
export const run = async (command: string, args: readonly string[], cwd: string, environment?: Record<string, string>): Promise<string> =>
  (await promisify(execFile)(command, args, { cwd, maxBuffer: 10_000_000, env: { ...process.env, ...environment } })).stdout;

/** Packs packages of the folder `packages` into a folder. Returns the tarballs, in the same order. */
export async function pack(names: readonly string[], folder: string): Promise<string[]> {
  // pnpm writes the version of the client instead of `workspace:`.
  for (const name of names) await run("npx", ["--yes", "pnpm", "pack", "--pack-destination", folder], join(root, "packages", name));
  const packed = readdirSync(folder);
  return names.map((name) => join(folder, packed.find((file) => file.startsWith(`weft-${name}-`)) ?? `weft-${name}.tgz`));
}

/** Lets programs in a folder use GraphQL Code Generator, which is installed with the example clients. */
export function linkCodeGenerator(nodeModules: string): void {
  for (const name of ["graphql", "@graphql-codegen", "@graphql-typed-document-node"])
    symlinkSync(join(root, "examples/clients/node_modules", name), join(nodeModules, name));
}

/** What the checks of a package for npm say. The schema has no types, so it is not checked. They exit with an error if they find a problem. */
export const checkPacked = async (tarball: string, cwd: string): Promise<{ readonly publint: string; readonly attw: string }> => ({
  publint: await run(join(packageChecks, "node_modules/.bin", "publint"), [tarball, "--strict"], cwd),
  attw: await run(
    join(packageChecks, "node_modules/.bin", "attw"),
    [tarball, "--profile", "esm-only", "--exclude-entrypoints", "schema.graphql"],
    cwd,
  ),
});

/** The paths in a package. */
export const filesIn = async (tarball: string, cwd: string): Promise<string[]> => (await run("tar", ["-tzf", tarball], cwd)).split("\n");

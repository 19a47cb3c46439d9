import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { join } from "node:path";

/** The repository's root. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));
const checks = join(root, "testkit/package-checks/node_modules/.bin");

/** Runs a program to its end. Returns what it has written to its standard output. */
export const run = async (command: string, args: readonly string[], cwd: string): Promise<string> =>
  (await promisify(execFile)(command, args, { cwd, maxBuffer: 10_000_000 })).stdout;

/** What the checks of a package for npm say. The schema has no types, so it is not checked. They exit with an error if they find a problem. */
export const checkPacked = async (tarball: string, cwd: string): Promise<{ readonly publint: string; readonly attw: string }> => ({
  publint: await run(join(checks, "publint"), [tarball, "--strict"], cwd),
  attw: await run(join(checks, "attw"), [tarball, "--profile", "esm-only", "--exclude-entrypoints", "schema.graphql"], cwd),
});

/** The paths in a package. */
export const filesIn = async (tarball: string, cwd: string): Promise<string[]> => (await run("tar", ["-tzf", tarball], cwd)).split("\n");

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A part of the repository that a running Weft builds when somebody opens it. */
export interface BackgroundBuild {
  /** What the log calls it. */
  readonly name: string;
  /** Program that builds it, if its sources have changed. Paths are from the root of the repository. */
  readonly script: string;
  /** File without which there is nothing to build. */
  readonly source: string;
}

/** The documentation, at `/docs/`. */
export const docsBuild: BackgroundBuild = {
  name: "documentation site",
  script: "scripts/docs-in-background.ts",
  source: "docs-site/src/build.ts",
};

/** The console, at `/console/`. */
export const consoleBuild: BackgroundBuild = {
  name: "console",
  script: "scripts/console-in-background.ts",
  source: "apps/console/build/build.ts",
};

/** After a build that failed, another one is not tried before. The pages that wait for it ask every few seconds. */
const retryMs = 60_000;

export interface BuildOptions {
  readonly root?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Returns a function that runs a build in a process of its own. The first call starts it. Later calls do nothing, unless the build failed. The process
 * ends with this one. Returns undefined in CI, and where it cannot be built: an installation without the sources, or whose files it cannot write, has
 * it built.
 */
export function startedOnDemand(
  { name, script, source }: BackgroundBuild,
  { root = fileURLToPath(new URL("../../../", import.meta.url)), env = process.env }: BuildOptions = {},
): (() => void) | undefined {
  const isBuildable = [script, source].every((path) => existsSync(join(root, path))) && isWritable(root);
  if (env["CI"] !== undefined || !isBuildable) return undefined;
  let nextAt = 0;
  return () => {
    if (performance.now() < nextAt) return;
    nextAt = Infinity;
    const child = spawn(process.execPath, [join(root, script)], { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
    // Weft continues without it.
    child.on("error", (error) => {
      process.stderr.write(`weft: The ${name} is not built: ${error.message}\n`);
      nextAt = performance.now() + retryMs;
    });
    child.unref();
    const end = (): void => void child.kill();
    process.once("exit", end);
    child.once("exit", (code) => {
      process.off("exit", end);
      if (code !== 0) nextAt = performance.now() + retryMs;
    });
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
